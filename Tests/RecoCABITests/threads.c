/* Several threads ask one model; a trainer belongs to one thread at a time. */
#include <pthread.h>

#include "shop.h"

enum { THREADS = 8, QUESTIONS = 3000, USERS = SHOP_USERS };

static reco_model *model;
static reco_hit expected[USERS][10];
static uint32_t expected_count[USERS];
static int wrong[THREADS];

static int32_t ask(reco_model *asked, int user, reco_hit *hits, uint32_t *count) {
    char id[8];
    reco_query query = {.struct_size = sizeof query, .user = id};
    query.user_length = (size_t)snprintf(id, sizeof id, "%d", 1000 + user);
    if (user % 3 == 0) query.session = "item-1\0item-2", query.session_length = 13;
    if (user % 4 == 0) query.deny = "item-5\0item-6", query.deny_length = 13;
    if (user % 5 == 0) query.candidates = "item-5\0item-6\0item-7", query.candidates_length = 20;
    return reco_model_query(asked, &query, 1, hits, 10, count, 1, NULL);
}

static void *ask_much(void *argument) {
    int number = *(int *)argument;
    for (int i = 0; i < QUESTIONS; i++) {
        int user = (i * 7 + number) % USERS;
        reco_hit hits[10];
        uint32_t count = 0;
        reco_model *own = NULL;
        if (i % 16 == 0 && shop_open("shop.reco", &own) != RECO_OK) wrong[number]++;
        if (ask(own != NULL ? own : model, user, hits, &count) != RECO_OK || count != expected_count[user] ||
            memcmp(hits, expected[user], count * sizeof *hits) != 0)
            wrong[number]++;
        if (own != NULL && reco_model_close(own) != RECO_OK) wrong[number]++;
    }
    return NULL;
}

static void in_threads(void *(*work)(void *)) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i, wrong[i] = 0;
        NEED(pthread_create(&threads[i], NULL, work, &numbers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0 && wrong[i] == 0);
}

static void threads_get_the_answers_that_one_gets(void) {
    for (int user = 0; user < USERS; user++)
        CHECK(ask(model, user, expected[user], &expected_count[user]) == RECO_OK && expected_count[user] > 0);
    in_threads(ask_much);
}

static reco_trainer *trainer;
static int refused[THREADS];

static void *train_much(void *argument) {
    int number = *(int *)argument;
    refused[number] = 0;
    for (int i = 0; i < 20; i++) {
        int32_t status = reco_trainer_train(trainer, NULL);
        if (status == RECO_ERROR_HANDLE) refused[number]++;
        else if (status != RECO_OK) wrong[number]++;
    }
    return NULL;
}

static void a_second_thread_in_a_trainer_is_refused(void) {
    trainer = shop_trainer(NULL);
    in_threads(train_much); /* each call either trains or is refused; nothing in between */
    CHECK(reco_trainer_train(trainer, NULL) == RECO_OK);
    reco_model *trained = NULL;
    CHECK(reco_trainer_open_model(trainer, &trained, NULL) == RECO_OK);
    reco_hit hits[10];
    uint32_t count = 0;
    CHECK(ask(trained, 1, hits, &count) == RECO_OK && count == 10);
    CHECK(reco_model_close(trained) == RECO_OK);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void *close_once(void *argument) {
    int number = *(int *)argument;
    refused[number] = reco_model_close(model) == RECO_ERROR_HANDLE;
    return NULL;
}

static void a_handle_closes_once_whoever_is_first(void) {
    in_threads(close_once);
    int count = 0;
    for (int i = 0; i < THREADS; i++) count += refused[i];
    CHECK(count == THREADS - 1);
}

int main(void) {
    shop_save("shop.reco", NULL);
    NEED(shop_open("shop.reco", &model) == RECO_OK);
    RUN(threads_get_the_answers_that_one_gets);
    RUN(a_second_thread_in_a_trainer_is_refused);
    RUN(a_handle_closes_once_whoever_is_first);
    return finish("threads");
}
