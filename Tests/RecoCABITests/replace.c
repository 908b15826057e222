/* A model is replaced by rename, again and again, while several processes ask: no question fails, everybody sees the
   old model and the new one, and an open handle keeps answering from the model it was opened on. */
#include <sys/wait.h>
#include <unistd.h>

#include "shop.h"

enum { CHILDREN = 4, REPLACEMENTS = 60 };

static reco_error error;

/* A model of `items` items, each bought once by everybody. */
static void save_model(int items) {
    reco_trainer *trainer = NULL;
    NEED(reco_trainer_new(&trainer, &error) == RECO_OK);
    static pack users, ids;
    users.length = ids.length = 0;
    for (int i = 0; i < items; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        pack_add(&users, "1"), pack_add(&ids, id);
    }
    reco_events events = {.struct_size = sizeof events, .count = (size_t)items};
    events.users = users.bytes, events.users_length = users.length;
    events.items = ids.bytes, events.items_length = ids.length;
    NEED(reco_trainer_set(trainer, "model", 5, "popularity", 10, &error) == RECO_OK);
    NEED(reco_trainer_add_events(trainer, &events, &error) == RECO_OK);
    NEED(reco_trainer_train(trainer, &error) == RECO_OK);
    NEED(reco_trainer_save(trainer, "live.reco", 9, &error) == RECO_OK);
    NEED(reco_trainer_free(trainer) == RECO_OK);
}

static int item_count(reco_model *model) {
    reco_query query = {.struct_size = sizeof query, .limit = 1000, .user = "stranger", .user_length = 8};
    reco_hit hits[256];
    uint32_t count = 0;
    if (reco_model_query(model, &query, 1, hits, 256, &count, 1, &error) != RECO_OK) return -1;
    reco_model_info info = {.struct_size = sizeof info};
    if (reco_model_describe(model, &info, &error) != RECO_OK || info.item_count != count) return -2;
    return (int)count;
}

/* Asks until the model of 200 items appears, which is the last one. */
static int ask_until_the_end(void) {
    int seen = 0, last = 0;
    reco_model *kept = NULL;
    if (shop_open("live.reco", &kept) != RECO_OK) return 1;
    int kept_count = item_count(kept);
    for (;;) {
        reco_model *model = NULL;
        if (shop_open("live.reco", &model) != RECO_OK) return 2;
        int count = item_count(model);
        if (count != 100 && count != 150 && count != 200) return 3;
        if (reco_model_close(model) != RECO_OK) return 4;
        if (item_count(kept) != kept_count) return 5;
        seen += count != last;
        last = count;
        if (count == 200) break;
    }
    if (reco_model_verify(kept, &error) != RECO_OK || reco_model_close(kept) != RECO_OK) return 6;
    return seen >= 3 ? 0 : 7; /* the first, at least one other, and the last */
}

static void nobody_notices_that_the_model_is_replaced(void) {
    pid_t ids[CHILDREN];
    save_model(100);
    for (int i = 0; i < CHILDREN; i++) {
        fflush(NULL);
        ids[i] = fork();
        NEED(ids[i] >= 0);
        if (ids[i] == 0) {
            alarm(60);
            _exit(ask_until_the_end());
        }
    }
    for (int i = 0; i < REPLACEMENTS; i++) {
        usleep(5000);
        save_model(i % 2 == 0 ? 150 : 100);
    }
    usleep(50000);
    save_model(200);
    for (int i = 0; i < CHILDREN; i++) {
        int status = 0;
        CHECK(waitpid(ids[i], &status, 0) == ids[i]);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0) printf("  a child ended with %d\n", WEXITSTATUS(status));
    }
}

static void a_deleted_model_still_answers_whoever_has_it(void) {
    reco_model *model = NULL, *gone = NULL;
    CHECK(shop_open("live.reco", &model) == RECO_OK);
    CHECK(unlink("live.reco") == 0);
    CHECK(item_count(model) == 200);
    CHECK(shop_open("live.reco", &gone) == RECO_ERROR_SYSTEM);
    CHECK(reco_model_close(model) == RECO_OK);
}

static void the_old_model_comes_back_by_rename(void) {
    save_model(100);
    NEED(rename("live.reco", "old.reco") == 0);
    save_model(150);
    reco_model *model = NULL;
    CHECK(shop_open("live.reco", &model) == RECO_OK && item_count(model) == 150);
    NEED(rename("old.reco", "live.reco") == 0);
    reco_model *back = NULL;
    CHECK(shop_open("live.reco", &back) == RECO_OK && item_count(back) == 100);
    CHECK(item_count(model) == 150);
    CHECK(reco_model_close(model) == RECO_OK && reco_model_close(back) == RECO_OK);
}

int main(void) {
    RUN(nobody_notices_that_the_model_is_replaced);
    RUN(a_deleted_model_still_answers_whoever_has_it);
    RUN(the_old_model_comes_back_by_rename);
    return finish("replace");
}
