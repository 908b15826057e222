/* A model that was opened before fork() answers in the children, as php-fpm's workers need it. */
#include <sys/wait.h>
#include <unistd.h>

#include "shop.h"

enum { CHILDREN = 8 };

static reco_error error;

/* The answer to a question about `user`, as one number; 0 if it failed. */
static uint64_t answer(reco_model *model, int user) {
    char id[8];
    reco_query query = {.struct_size = sizeof query, .limit = 20, .user = id};
    query.user_length = (size_t)snprintf(id, sizeof id, "%d", user);
    reco_hit hits[20];
    uint32_t count = 0;
    if (reco_model_query(model, &query, 1, hits, 20, &count, 1, &error) != RECO_OK || count != 20) return 0;
    uint64_t sum = 1;
    for (uint32_t i = 0; i < count; i++) sum = sum * 31 + hits[i].row;
    return sum;
}

/* Runs `child` in several processes; every one must end well, and in time. */
static void in_children(int (*child)(int number)) {
    pid_t ids[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        fflush(NULL);
        ids[i] = fork();
        NEED(ids[i] >= 0);
        if (ids[i] == 0) {
            alarm(30);
            _exit(child(i));
        }
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status = 0;
        CHECK(waitpid(ids[i], &status, 0) == ids[i]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static reco_model *opened;
static uint64_t expected;

static int ask_the_parents_model(int number) {
    for (int i = 0; i < 2000; i++)
        if (answer(opened, 1000) != expected) return 1;
    return answer(opened, 1000 + number) == 0;
}

static void children_answer_from_the_parents_model(void) {
    NEED(shop_open("shop.reco", &opened) == RECO_OK);
    expected = answer(opened, 1000);
    CHECK(expected != 0);
    in_children(ask_the_parents_model);
    CHECK(answer(opened, 1000) == expected);
}

static int open_and_close(int number) {
    (void)number;
    for (int i = 0; i < 200; i++) {
        reco_model *model = NULL;
        if (shop_open("shop.reco", &model) != RECO_OK || answer(model, 1000) != expected) return 1;
        if (reco_model_close(model) != RECO_OK) return 2;
    }
    return reco_model_close(opened) != RECO_OK; /* the parent's handle, in this process's table */
}

static void children_open_it_again_and_close_the_parents(void) {
    in_children(open_and_close);
    CHECK(answer(opened, 1000) == expected); /* what children close stays open here */
}

static int train_in_a_child(int number) {
    (void)number;
    reco_model *model = shop_model(NULL);
    if (answer(model, 1000) == 0) return 1;
    return reco_model_close(model) != RECO_OK;
}

static void children_can_train(void) { in_children(train_in_a_child); }

int main(void) {
    shop_save("shop.reco", NULL);
    RUN(children_answer_from_the_parents_model);
    RUN(children_open_it_again_and_close_the_parents);
    RUN(children_can_train); /* after the parent has trained, with threads of its own */
    CHECK(reco_model_close(opened) == RECO_OK);
    return finish("fork");
}
