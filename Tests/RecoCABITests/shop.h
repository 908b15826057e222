/* A small shop whose right answers are known: 40 customers ("1000" ... "1039"), 30 items ("item-0" ... "item-29").
   Even customers buy even items and view some; odd ones odd items. Nobody has touched "item-28" and "item-29". */
#ifndef SHOP_H
#define SHOP_H

#include <reco.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { SHOP_USERS = 40, SHOP_ITEMS = 30, SHOP_SOLD = 28, SHOP_EVENTS = 40 * 7 };

/* Texts in one buffer, each with its NUL. */
typedef struct pack {
    char bytes[65536];
    size_t length;
} pack;

static inline void pack_add(pack *pack, const char *text) {
    size_t length = strlen(text) + 1;
    NEED(pack->length + length <= sizeof pack->bytes);
    memcpy(pack->bytes + pack->length, text, length);
    pack->length += length;
}

/* The item that user number `user` touched as its number `event`; six are bought, the last is only viewed. */
static inline int shop_item(int user, int event) { return (user % 2 + 2 * ((user / 2 * 3 + event * 5) % (SHOP_SOLD / 2))); }

static const char *shop_item_id(int item) {
    static char ids[SHOP_ITEMS][16];
    snprintf(ids[item], sizeof ids[item], "item-%d", item);
    return ids[item];
}

static inline reco_trainer *shop_trainer(const char *models) {
    static pack users, items, kinds, all, categories, titles, prices, tags;
    static int64_t times[SHOP_EVENTS];
    reco_trainer *trainer = NULL;
    reco_error error;
    NEED(reco_trainer_new(&trainer, &error) == RECO_OK);
    users.length = items.length = kinds.length = 0;
    all.length = categories.length = titles.length = prices.length = tags.length = 0;
    for (int user = 0, at = 0; user < SHOP_USERS; user++)
        for (int event = 0; event < 7; event++, at++) {
            char id[16];
            snprintf(id, sizeof id, "%d", 1000 + user);
            pack_add(&users, id);
            pack_add(&items, shop_item_id(shop_item(user, event)));
            pack_add(&kinds, event < 6 ? "purchase" : "view");
            times[at] = 1700000000 + at * 60;
        }
    reco_events events = {.struct_size = sizeof events, .count = SHOP_EVENTS};
    events.users = users.bytes, events.users_length = users.length;
    events.items = items.bytes, events.items_length = items.length;
    events.kinds = kinds.bytes, events.kinds_length = kinds.length;
    events.times = times, events.times_count = SHOP_EVENTS;
    NEED(reco_trainer_add_events(trainer, &events, &error) == RECO_OK);
    for (int item = 0; item < SHOP_ITEMS; item++) {
        char text[64];
        pack_add(&all, shop_item_id(item));
        pack_add(&categories, item % 2 == 0 ? "even" : "odd");
        snprintf(text, sizeof text, "K\xC3\xA4se Nr. %d", item);
        pack_add(&titles, text);
        snprintf(text, sizeof text, "%d.5", item);
        pack_add(&prices, text);
        pack_add(&tags, item == 0 ? "" : item % 3 == 0 ? "red|blue" : "green");
    }
#define ATTRIBUTE(name, column)                                                                                  \
    NEED(reco_trainer_add_attribute(trainer, name, strlen(name), all.bytes, all.length, column.bytes, column.length, \
                                    &error) == RECO_OK)
    ATTRIBUTE("category", categories);
    ATTRIBUTE("title", titles);
    ATTRIBUTE("price:number", prices);
    ATTRIBUTE("colours:tags", tags);
#undef ATTRIBUTE
    if (models != NULL) NEED(reco_trainer_set(trainer, "model", 5, models, strlen(models), &error) == RECO_OK);
    int32_t status = reco_trainer_train(trainer, &error);
    if (status != RECO_OK) printf("  %s\n", error.message);
    NEED(status == RECO_OK);
    return trainer;
}

static inline reco_model *shop_model(const char *models) {
    reco_trainer *trainer = shop_trainer(models);
    reco_model *model = NULL;
    reco_error error;
    NEED(reco_trainer_open_model(trainer, &model, &error) == RECO_OK);
    NEED(reco_trainer_free(trainer) == RECO_OK);
    return model;
}

static inline void shop_save(const char *path, const char *models) {
    reco_trainer *trainer = shop_trainer(models);
    reco_error error;
    int32_t status = reco_trainer_save(trainer, path, strlen(path), &error);
    if (status != RECO_OK) printf("  %s\n", error.message);
    NEED(status == RECO_OK);
    NEED(reco_trainer_free(trainer) == RECO_OK);
}

static inline int32_t shop_open(const char *path, reco_model **model) {
    reco_error error;
    int32_t status = reco_model_open(path, strlen(path), model, &error);
    return status;
}

#endif
