/* A tea shop that recommends, in one C file: trains on a handful of orders, saves, opens, asks. */
#include <reco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static reco_error error;

/* Every call returns a status; the sentence that goes with it is in `error`. */
static void need(int32_t status) {
    if (status == RECO_OK) return;
    fprintf(stderr, "%s\n", error.message);
    exit(1);
}

/* Ids are packed: one text after the other, each ended by NUL. The last NUL is the one that C adds. */
#define PACKED(text) text, sizeof text

static void train(const char *path) {
    reco_trainer *trainer = NULL;
    need(reco_trainer_new(&trainer, &error));
    reco_events events = {.struct_size = sizeof events, .count = 9};
    static const char users[] = "ann\0ann\0ann\0bob\0bob\0cyd\0cyd\0dan\0dan";
    static const char items[] = "teapot\0tea\0cup\0teapot\0tea\0tea\0cup\0coffee\0mill";
    events.users = users, events.users_length = sizeof users;
    events.items = items, events.items_length = sizeof items;
    need(reco_trainer_add_events(trainer, &events, &error));
    need(reco_trainer_add_attribute(trainer, "title", 5, PACKED("teapot\0tea\0cup\0coffee\0mill"),
                                    PACKED("Brown teapot\0Assam, 250 g\0Two cups\0Yirgacheffe, 500 g\0Hand mill"),
                                    &error));
    need(reco_trainer_set(trainer, "model", 5, "item-knn", 8, &error));
    need(reco_trainer_train(trainer, &error));
    need(reco_trainer_save(trainer, path, strlen(path), &error));
    reco_trainer_free(trainer);
}

static void show(reco_model *model, const char *question, const reco_query *query) {
    reco_hit hits[3];
    uint32_t count = 0;
    need(reco_model_query(model, query, 1, hits, 3, &count, 1, &error));
    char titles[256];
    size_t length = 0;
    need(reco_model_item_attribute(model, "title", 5, &hits[0].row, count, sizeof *hits, titles, sizeof titles, &length,
                                   &error));
    printf("%s\n", question);
    const char *title = titles;
    for (uint32_t i = 0; i < count; i++, title += strlen(title) + 1)
        printf("  %-20s %-10s %s\n", title, reco_source_name(hits[i].source), reco_rung_name(hits[i].rung));
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "tea.reco";
    train(path);

    /* In a server this is where a request begins: opening again costs microseconds. */
    reco_model *model = NULL;
    need(reco_model_open(path, strlen(path), &model, &error));
    reco_query query = {.struct_size = sizeof query, .limit = 3, .user = "bob", .user_length = 3};
    show(model, "For Bob:", &query);
    query = (reco_query){.struct_size = sizeof query, .limit = 3, .similar_to = "teapot", .similar_to_length = 6};
    show(model, "Goes with the teapot:", &query);
    query = (reco_query){.struct_size = sizeof query, .limit = 3};
    show(model, "For a stranger:", &query);
    reco_model_close(model);
    return 0;
}
