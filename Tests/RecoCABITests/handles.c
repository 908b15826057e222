/* Handles, files and the order of calls: every misuse gets a code, never a crash. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "fence.h"
#include "shop.h"

static reco_error error;

static int32_t open_text(const char *path, reco_model **model) {
    return reco_model_open(fenced(path, strlen(path)), strlen(path), model, &error);
}

static int32_t describe(reco_model *model) {
    reco_model_info info = {.struct_size = sizeof info};
    return reco_model_describe(model, &info, &error);
}

static int32_t ask(reco_model *model) {
    reco_query query = {.struct_size = sizeof query};
    reco_hit hits[10];
    uint32_t count;
    return reco_model_query(model, &query, 1, hits, 10, &count, 1, &error);
}

static void the_version_is_a_text_that_stays(void) {
    CHECK(reco_version() != NULL && strlen(reco_version()) >= 5);
    CHECK(reco_version() == reco_version());
}

static void names_are_given_for_every_number(void) {
    CHECK(strcmp(reco_source_name(0), "none") == 0);
    CHECK(strcmp(reco_rung_name(RECO_RUNG_NONE), "none") == 0);
    CHECK(strcmp(reco_rung_name(RECO_RUNG_PERSONAL), "personal") == 0);
    CHECK(strcmp(reco_rung_name(RECO_RUNG_POPULAR), "popular") == 0);
    const uint32_t unknown[] = {200, 65535, 65536, 65537, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        CHECK(strcmp(reco_source_name(unknown[i]), "none") == 0);
        CHECK(strcmp(reco_rung_name(unknown[i]), "none") == 0);
    }
}

static void a_path_that_is_no_path_is_refused(void) {
    reco_model *model = NULL;
    CHECK(reco_model_open(NULL, 0, &model, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_open(NULL, 5, &model, &error) == RECO_ERROR_ARGUMENT);
    CHECK(error.code == RECO_ERROR_ARGUMENT && error.message[0] != 0);
    CHECK(reco_model_open("", 0, &model, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_open("a\0b", 3, &model, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_open("a\xFF", 2, &model, &error) != RECO_OK);
    CHECK(reco_model_open("shop.reco", SIZE_MAX, &model, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_open("shop.reco", 9, NULL, &error) == RECO_ERROR_ARGUMENT);
    CHECK(model == NULL);
}

static void a_file_that_is_no_model_is_refused(void) {
    reco_model *model = NULL;
    CHECK(open_text("no such file.reco", &model) == RECO_ERROR_SYSTEM);
    CHECK(error.code == RECO_ERROR_SYSTEM && error.system_error == ENOENT);
    CHECK(strstr(error.message, "no such file.reco") != NULL);
    CHECK(open_text(".", &model) == RECO_ERROR_SYSTEM);
    CHECK(open_text("/dev/null", &model) != RECO_OK);
    CHECK(mkfifo("pipe", 0600) == 0);
    CHECK(open_text("pipe", &model) != RECO_OK);
    int file = open("other.reco", O_CREAT | O_WRONLY | O_TRUNC, 0644);
    NEED(file >= 0);
    CHECK(open_text("other.reco", &model) == RECO_ERROR_DAMAGED);
    for (int i = 0; i < 1000; i++) NEED(write(file, "user,item\n", 10) == 10);
    NEED(close(file) == 0);
    CHECK(open_text("other.reco", &model) == RECO_ERROR_DAMAGED);
    CHECK(model == NULL);
}

static void a_long_message_is_cut_and_ended(void) {
    char path[60000];
    for (size_t i = 0; i + 2 <= sizeof path; i += 2) memcpy(path + i, "\xC3\xA4", 2);
    reco_model *model = NULL;
    memset(&error, 'x', sizeof error);
    CHECK(reco_model_open(path, sizeof path, &model, &error) != RECO_OK);
    CHECK(memchr(error.message, 0, sizeof error.message) != NULL);
    size_t length = strlen(error.message);
    CHECK(length > 0 && ((unsigned char)error.message[length - 1] & 0xC0) != 0xC0);
}

static void whoever_does_not_want_the_error_passes_null(void) {
    reco_model *model = NULL;
    reco_trainer *trainer = NULL;
    CHECK(reco_model_open("nowhere", 7, &model, NULL) == RECO_ERROR_SYSTEM);
    CHECK(reco_model_verify(NULL, NULL) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_new(&trainer, NULL) == RECO_OK);
    CHECK(reco_trainer_train(trainer, NULL) == RECO_ERROR_DATA);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
    CHECK(reco_trainer_new(NULL, NULL) == RECO_ERROR_ARGUMENT);
}

static void success_clears_the_error(void) {
    reco_trainer *trainer = NULL;
    memset(&error, 'x', sizeof error);
    CHECK(reco_trainer_new(&trainer, &error) == RECO_OK);
    CHECK(error.code == 0 && error.system_error == 0 && error.message[0] == 0);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

/* Every function that takes a model, with a handle that is none. */
static void refuse_model(reco_model *model) {
    uint32_t row = 0;
    size_t length = 0;
    char buffer[16];
    CHECK(describe(model) == RECO_ERROR_HANDLE);
    CHECK(ask(model) == RECO_ERROR_HANDLE);
    CHECK(reco_model_verify(model, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_model_item_ids(model, &row, 1, 4, buffer, 16, &length, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_model_item_rows(model, "a", 1, &row, 1, &length, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_model_item_attribute(model, "title", 5, &row, 1, 4, buffer, 16, &length, &error) == RECO_ERROR_HANDLE);
}

static void refuse_trainer(reco_trainer *trainer) {
    reco_model *model = NULL;
    reco_events events = {.struct_size = sizeof events};
    CHECK(reco_trainer_set(trainer, "seed", 4, "1", 1, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_add_events(trainer, &events, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_add_attribute(trainer, "title", 5, "a", 1, "b", 1, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_train(trainer, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_save(trainer, "never.reco", 10, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_open_model(trainer, &model, &error) == RECO_ERROR_HANDLE);
    CHECK(access("never.reco", F_OK) != 0);
}

static void a_handle_that_is_none_is_refused(void) {
    CHECK(reco_model_close(NULL) == RECO_OK);
    CHECK(reco_trainer_free(NULL) == RECO_OK);
    refuse_model(NULL);
    refuse_trainer(NULL);
    int somewhere = 0;
    const uintptr_t made_up[] = {1, 2, 16, 17, 18, 4096, (uintptr_t)&somewhere, (uintptr_t)-1, (uintptr_t)1 << 63};
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++) {
        refuse_model((reco_model *)made_up[i]);
        refuse_trainer((reco_trainer *)made_up[i]);
        CHECK(reco_model_close((reco_model *)made_up[i]) == RECO_ERROR_HANDLE);
        CHECK(reco_trainer_free((reco_trainer *)made_up[i]) == RECO_ERROR_HANDLE);
    }
}

static void a_handle_of_the_other_kind_is_refused(void) {
    reco_trainer *trainer = shop_trainer("popularity");
    reco_model *model = NULL;
    NEED(reco_trainer_open_model(trainer, &model, &error) == RECO_OK);
    refuse_model((reco_model *)trainer);
    refuse_trainer((reco_trainer *)model);
    CHECK(reco_model_close((reco_model *)trainer) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_free((reco_trainer *)model) == RECO_ERROR_HANDLE);
    CHECK(ask(model) == RECO_OK);
    CHECK(reco_model_close(model) == RECO_OK);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void a_closed_handle_stays_closed_when_others_open(void) {
    reco_model *closed = shop_model("popularity");
    CHECK(reco_model_close(closed) == RECO_OK);
    CHECK(reco_model_close(closed) == RECO_ERROR_HANDLE);
    for (int i = 0; i < 3; i++) {
        reco_model *other = shop_model("popularity");
        CHECK(other != closed);
        refuse_model(closed);
        CHECK(reco_model_close(closed) == RECO_ERROR_HANDLE);
        CHECK(ask(other) == RECO_OK);
        CHECK(reco_model_close(other) == RECO_OK);
    }
    reco_trainer *trainer = NULL;
    CHECK(reco_trainer_new(&trainer, &error) == RECO_OK);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
    CHECK(reco_trainer_free(trainer) == RECO_ERROR_HANDLE);
    refuse_trainer(trainer);
}

static void a_model_outlives_its_trainer(void) {
    reco_model *model = shop_model("popularity");
    CHECK(ask(model) == RECO_OK);
    CHECK(reco_model_verify(model, &error) == RECO_OK);
    CHECK(reco_model_close(model) == RECO_OK);
}

static void calls_in_the_wrong_order_are_refused(void) {
    reco_trainer *trainer = NULL;
    reco_model *model = NULL;
    NEED(reco_trainer_new(&trainer, &error) == RECO_OK);
    CHECK(reco_trainer_save(trainer, "never.reco", 10, &error) == RECO_ERROR_ORDER);
    CHECK(reco_trainer_open_model(trainer, &model, &error) == RECO_ERROR_ORDER);
    CHECK(reco_trainer_train(trainer, &error) == RECO_ERROR_DATA);
    CHECK(reco_trainer_save(trainer, "never.reco", 10, &error) == RECO_ERROR_ORDER);
    CHECK(access("never.reco", F_OK) != 0 && model == NULL);
    CHECK(reco_trainer_open_model(trainer, NULL, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void events_after_training_need_training_again(void) {
    reco_trainer *trainer = shop_trainer("popularity");
    reco_model *model = NULL;
    reco_events events = {.struct_size = sizeof events, .count = 1};
    events.users = "1", events.users_length = 1, events.items = "new item", events.items_length = 8;
    CHECK(reco_trainer_add_events(trainer, &events, &error) == RECO_OK);
    CHECK(reco_trainer_open_model(trainer, &model, &error) == RECO_ERROR_ORDER);
    CHECK(reco_trainer_train(trainer, &error) == RECO_OK);
    CHECK(reco_trainer_open_model(trainer, &model, &error) == RECO_OK);
    reco_model_info info = {.struct_size = sizeof info};
    CHECK(reco_model_describe(model, &info, &error) == RECO_OK);
    CHECK(info.item_count == SHOP_ITEMS + 1 && info.user_count == SHOP_USERS + 1);
    CHECK(reco_model_close(model) == RECO_OK);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void a_saved_model_opens_and_says_what_it_holds(void) {
    shop_save("shop.reco", "popularity");
    reco_model *model = NULL, *again = NULL;
    CHECK(open_text("shop.reco", &model) == RECO_OK);
    CHECK(open_text("shop.reco", &again) == RECO_OK);
    reco_model_info info = {.struct_size = sizeof info};
    struct stat file;
    NEED(stat("shop.reco", &file) == 0);
    CHECK(reco_model_describe(model, &info, &error) == RECO_OK);
    CHECK(info.user_count == SHOP_USERS && info.item_count == SHOP_ITEMS && info.format_version >= 1);
    CHECK(info.file_length == (uint64_t)file.st_size);
    CHECK(info.latest_event == 1700000000 + (SHOP_EVENTS - 1) * 60);
    CHECK(reco_model_verify(model, &error) == RECO_OK);
    CHECK(reco_model_close(model) == RECO_OK);
    CHECK(ask(again) == RECO_OK);
    CHECK(reco_model_close(again) == RECO_OK);
}

static void a_description_of_another_size_is_refused(void) {
    reco_model *model = shop_model("popularity");
    reco_model_info info = {.struct_size = 0};
    CHECK(reco_model_describe(model, &info, &error) == RECO_ERROR_ARGUMENT);
    info.struct_size = sizeof info - 8;
    CHECK(reco_model_describe(model, &info, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_describe(model, NULL, &error) == RECO_ERROR_ARGUMENT);
    reco_model_info *exact = fenced_room(sizeof info);
    exact->struct_size = sizeof info;
    CHECK(reco_model_describe(model, exact, &error) == RECO_OK);
    CHECK(reco_model_close(model) == RECO_OK);
}

/* What a process occupies, in pages. */
static long resident(void) {
    long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    NEED(file != NULL && fscanf(file, "%ld %ld", &size, &pages) == 2);
    fclose(file);
    return pages;
}

static void opening_asking_and_closing_takes_no_more_memory(void) {
    reco_model *model = NULL;
    long before = 0;
    for (int i = 0; i < 20000; i++) {
        if (i == 2000) before = resident();
        CHECK(shop_open("shop.reco", &model) == RECO_OK);
        CHECK(ask(model) == RECO_OK);
        CHECK(reco_model_close(model) == RECO_OK);
    }
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
    CHECK(resident() - before < 64);
#endif
    (void)before;
}

static void many_handles_are_open_at_once(void) {
    static reco_model *open_models[5000];
    for (int i = 0; i < 5000; i++) CHECK(shop_open("shop.reco", &open_models[i]) == RECO_OK);
    CHECK(ask(open_models[4999]) == RECO_OK);
    for (int i = 0; i < 5000; i++) CHECK(reco_model_close(open_models[i]) == RECO_OK);
}

int main(void) {
    RUN(the_version_is_a_text_that_stays);
    RUN(names_are_given_for_every_number);
    RUN(a_path_that_is_no_path_is_refused);
    RUN(a_file_that_is_no_model_is_refused);
    RUN(a_long_message_is_cut_and_ended);
    RUN(whoever_does_not_want_the_error_passes_null);
    RUN(success_clears_the_error);
    RUN(a_handle_that_is_none_is_refused);
    RUN(a_handle_of_the_other_kind_is_refused);
    RUN(a_closed_handle_stays_closed_when_others_open);
    RUN(a_model_outlives_its_trainer);
    RUN(calls_in_the_wrong_order_are_refused);
    RUN(events_after_training_need_training_again);
    RUN(a_saved_model_opens_and_says_what_it_holds);
    RUN(a_description_of_another_size_is_refused);
    RUN(opening_asking_and_closing_takes_no_more_memory);
    RUN(many_handles_are_open_at_once);
    fences_down();
    return finish("handles");
}
