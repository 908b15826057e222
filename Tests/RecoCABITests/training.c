/* Training through the C interface: what is refused, and that a refusal leaves everything as it was. */
#include <dirent.h>
#include <math.h>
#include <stddef.h>

#include "fence.h"
#include "shop.h"

static reco_error error;

static reco_trainer *new_trainer(void) {
    reco_trainer *trainer = NULL;
    NEED(reco_trainer_new(&trainer, &error) == RECO_OK);
    return trainer;
}

/* Three events that are fine; a test spoils them. */
static reco_events three(void) {
    static const float weights[] = {1, 2, 3};
    static const int64_t times[] = {100, 200, 300};
    reco_events events = {.struct_size = sizeof events, .count = 3};
    events.users = fenced("1\0002\0003", 5), events.users_length = 5;
    events.items = fenced("a\0b\0c", 5), events.items_length = 5;
    events.kinds = fenced("view\0cart\0purchase", 18), events.kinds_length = 18;
    events.weights = fenced(weights, sizeof weights), events.weights_count = 3;
    events.times = fenced(times, sizeof times), events.times_count = 3;
    return events;
}

static int32_t add(reco_trainer *trainer, const reco_events *events) {
    return reco_trainer_add_events(trainer, fenced(events, sizeof *events), &error);
}

static reco_model_info trained(reco_trainer *trainer) {
    reco_model *model = NULL;
    reco_model_info info = {.struct_size = sizeof info};
    CHECK(reco_trainer_set(trainer, "model", 5, "popularity", 10, &error) == RECO_OK);
    CHECK(reco_trainer_train(trainer, &error) == RECO_OK);
    CHECK(reco_trainer_open_model(trainer, &model, &error) == RECO_OK);
    CHECK(reco_model_describe(model, &info, &error) == RECO_OK);
    CHECK(reco_model_close(model) == RECO_OK);
    return info;
}

static void columns_may_be_left_out(void) {
    reco_trainer *trainer = new_trainer();
    reco_events events = three();
    events.kinds = NULL, events.kinds_length = 0;
    events.weights = NULL, events.weights_count = 0;
    events.times = NULL, events.times_count = 0;
    CHECK(add(trainer, &events) == RECO_OK);
    reco_model_info info = trained(trainer);
    CHECK(info.user_count == 3 && info.item_count == 3 && info.latest_event == INT64_MIN);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

/* Four orders of two customers: printer and ink go together, whatever their owners have besides. */
static reco_events orders(void) {
    reco_events events = {.struct_size = sizeof events, .count = 8};
#define PACKED(field, text) (events.field = fenced(text, sizeof text), events.field##_length = sizeof text)
    PACKED(users, "ann\0ann\0ann\0ann\0bob\0bob\0bob\0bob");
    PACKED(items, "printer\0ink\0cup\0tea\0ink\0printer\0tea\0cup");
    PACKED(baskets, "A-1\0A-1\0A-2\0A-2\0B-7\0B-7\0\0");
#undef PACKED
    return events;
}

static reco_hit first_together(reco_trainer *trainer, char *id) {
    reco_model *model = NULL;
    reco_hit hit = {0};
    uint32_t count = 0;
    size_t length = 0;
    NEED(reco_trainer_set(trainer, "model", 5, "bought-together", 15, &error) == RECO_OK);
    NEED(reco_trainer_train(trainer, &error) == RECO_OK);
    NEED(reco_trainer_open_model(trainer, &model, &error) == RECO_OK);
    reco_query query = {.struct_size = sizeof query, .flags = RECO_BOUGHT_TOGETHER, .limit = 1};
    query.similar_to = "printer", query.similar_to_length = 7;
    CHECK(reco_model_query(model, &query, 1, &hit, 1, &count, 1, &error) == RECO_OK);
    CHECK(count == 1);
    CHECK(reco_model_item_ids(model, &hit.row, 1, sizeof hit, id, 32, &length, &error) == RECO_OK);
    CHECK(reco_model_close(model) == RECO_OK);
    return hit;
}

static void baskets_say_what_is_bought_together(void) {
    char id[32];
    reco_trainer *trainer = new_trainer();
    reco_events events = orders();
    CHECK(add(trainer, &events) == RECO_OK);
    reco_hit hit = first_together(trainer, id);
    CHECK(strcmp(id, "ink") == 0 && strcmp(reco_source_name(hit.source), "bought-together") == 0);
    CHECK(hit.rung == RECO_RUNG_SIMILAR);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

/* The struct as programs know it that were compiled before it had baskets: then each customer has one. */
static void events_of_an_older_header_are_taken(void) {
    char id[32];
    reco_trainer *trainer = new_trainer();
    reco_events events = orders();
    events.struct_size = offsetof(reco_events, baskets);
    CHECK(reco_trainer_add_events(trainer, fenced(&events, offsetof(reco_events, baskets)), &error) == RECO_OK);
    reco_hit hit = first_together(trainer, id);
    CHECK(strcmp(reco_source_name(hit.source), "popularity") == 0); /* all items are in all baskets */
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void events_may_come_in_several_calls(void) {
    reco_trainer *trainer = new_trainer();
    reco_events events = three();
    CHECK(add(trainer, &events) == RECO_OK);
    events.items = "c\0d\0e", events.users = "3\0004\0005";
    CHECK(add(trainer, &events) == RECO_OK);
    events.count = 0, events.users_length = events.items_length = events.kinds_length = 0;
    events.weights_count = events.times_count = 0;
    CHECK(add(trainer, &events) == RECO_OK);
    reco_model_info info = trained(trainer);
    CHECK(info.user_count == 5 && info.item_count == 5 && info.latest_event == 300);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

/* `spoil` is a statement; the events must be refused with `status`, and nothing of them kept. */
#define REFUSED(status, spoil)                              \
    do {                                                    \
        reco_trainer *trainer = new_trainer();              \
        reco_events events = three();                       \
        spoil;                                              \
        CHECK(add(trainer, &events) == status);             \
        CHECK(error.code == status && error.message[0]);    \
        CHECK(reco_trainer_train(trainer, &error) == RECO_ERROR_DATA); \
        CHECK(reco_trainer_free(trainer) == RECO_OK);       \
    } while (0)

static void columns_of_another_length_are_refused(void) {
    REFUSED(RECO_ERROR_ARGUMENT, events.struct_size = 0);
    REFUSED(RECO_ERROR_ARGUMENT, events.struct_size -= 8);
    REFUSED(RECO_ERROR_ARGUMENT, events.struct_size = UINT32_MAX);
    REFUSED(RECO_ERROR_ARGUMENT, events.reserved = 1);
    REFUSED(RECO_ERROR_ARGUMENT, events.count = 2);
    REFUSED(RECO_ERROR_ARGUMENT, events.count = 4);
    REFUSED(RECO_ERROR_ARGUMENT, events.count = SIZE_MAX);
    REFUSED(RECO_ERROR_ARGUMENT, events.users_length = 3);
    REFUSED(RECO_ERROR_ARGUMENT, events.items_length = 3);
    REFUSED(RECO_ERROR_ARGUMENT, events.kinds_length = 9);
    REFUSED(RECO_ERROR_ARGUMENT, events.weights_count = 2);
    REFUSED(RECO_ERROR_ARGUMENT, events.times_count = 0);
    REFUSED(RECO_ERROR_ARGUMENT, events.times_count = SIZE_MAX);
    REFUSED(RECO_ERROR_ARGUMENT, (events.baskets = "1\0001", events.baskets_length = 3));
    REFUSED(RECO_ERROR_ARGUMENT, events.baskets_length = 3);
    REFUSED(RECO_ERROR_ARGUMENT, events.users = NULL);
    REFUSED(RECO_ERROR_ARGUMENT, events.items = NULL);
    REFUSED(RECO_ERROR_ARGUMENT, events.weights = NULL);
    reco_trainer *trainer = new_trainer();
    CHECK(reco_trainer_add_events(trainer, NULL, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void a_bad_event_is_refused_with_all_the_others(void) {
    static char long_id[1030];
    memset(long_id, 'x', sizeof long_id);
    memcpy(long_id, "a\0b\0", 4);
    REFUSED(RECO_ERROR_DATA, events.weights = ((const float[]){1, 2, NAN}));
    REFUSED(RECO_ERROR_DATA, events.weights = ((const float[]){1, 2, INFINITY}));
    REFUSED(RECO_ERROR_DATA, events.weights = ((const float[]){1, 2, -INFINITY}));
    REFUSED(RECO_ERROR_DATA, (events.kinds = "view\0cart\0juggle", events.kinds_length = 16));
    REFUSED(RECO_ERROR_DATA, (events.items = "a\0b\0", events.items_length = 5));
    REFUSED(RECO_ERROR_DATA, (events.users = "1\0\0003", events.users_length = 4));
    REFUSED(RECO_ERROR_DATA, (events.baskets = "1\0002\0\xC3", events.baskets_length = 5));
    REFUSED(RECO_ERROR_DATA, (events.items = "a\0b\0\xC3", events.items_length = 5));
    REFUSED(RECO_ERROR_DATA, (events.items = "a\0b\0\xED\xA0\x80", events.items_length = 7));
    REFUSED(RECO_ERROR_DATA, (events.items = long_id, events.items_length = 4 + 1025));
    reco_trainer *trainer = new_trainer();
    reco_events events = three();
    events.items = long_id, events.items_length = 4 + 1024;
    CHECK(add(trainer, &events) == RECO_OK);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void a_refusal_keeps_what_was_there(void) {
    reco_trainer *trainer = new_trainer();
    reco_events events = three();
    CHECK(add(trainer, &events) == RECO_OK);
    events.users = "7\0008\0009", events.items = "x\0y\0z";
    events.weights = (const float[]){1, 1, NAN};
    CHECK(add(trainer, &events) == RECO_ERROR_DATA);
    reco_model_info info = trained(trainer);
    CHECK(info.user_count == 3 && info.item_count == 3);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void extreme_values_are_taken_or_refused_but_never_crash(void) {
    const float weights[] = {3.4e38F, -3.4e38F, 1e-45F};
    const int64_t times[] = {INT64_MIN, INT64_MAX, 0};
    reco_trainer *trainer = new_trainer();
    reco_events events = three();
    events.weights = weights, events.times = times;
    events.users = "9223372036854775807\0-9223372036854775808\0009223372036854775808";
    events.users_length = 19 + 1 + 20 + 1 + 19;
    (void)add(trainer, &events);
    events = three();
    CHECK(add(trainer, &events) == RECO_OK);
    (void)trained(trainer);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void integers_and_texts_are_found_as_they_were_written(void) {
    const char *const lists[] = {"42\0-7\0009223372036854775807", "42\0007a\00007", "Gr\xC3\xB6\xC3\x9F""e\0\xE6\x97\xA5\0 "};
    const size_t lengths[] = {2 + 1 + 2 + 1 + 19, 2 + 1 + 2 + 1 + 2, 7 + 1 + 3 + 1 + 1};
    for (int i = 0; i < 3; i++) {
        reco_trainer *trainer = new_trainer();
        reco_events events = three();
        events.items = lists[i], events.items_length = lengths[i];
        CHECK(add(trainer, &events) == RECO_OK);
        CHECK(reco_trainer_set(trainer, "model", 5, "popularity", 10, &error) == RECO_OK);
        CHECK(reco_trainer_train(trainer, &error) == RECO_OK);
        reco_model *model = NULL;
        CHECK(reco_trainer_open_model(trainer, &model, &error) == RECO_OK);
        uint32_t rows[3];
        size_t found = 0;
        CHECK(reco_model_item_rows(model, lists[i], lengths[i], rows, 3, &found, &error) == RECO_OK && found == 3);
        char ids[64];
        size_t length = 0;
        CHECK(reco_model_item_ids(model, rows, 3, 4, ids, sizeof ids, &length, &error) == RECO_OK);
        CHECK(length == lengths[i] + 1 && memcmp(ids, lists[i], lengths[i]) == 0);
        CHECK(reco_model_close(model) == RECO_OK);
        CHECK(reco_trainer_free(trainer) == RECO_OK);
    }
}

static int32_t set(reco_trainer *trainer, const char *name, const char *value) {
    return reco_trainer_set(trainer, fenced(name, strlen(name)), strlen(name), fenced(value, strlen(value)),
                            strlen(value), &error);
}

static void options_are_checked_when_they_are_set(void) {
    reco_trainer *trainer = new_trainer();
    CHECK(set(trainer, "seed", "7") == RECO_OK);
    CHECK(set(trainer, "threads", "1") == RECO_OK);
    CHECK(set(trainer, "weight.view", "0.5") == RECO_OK);
    CHECK(set(trainer, "half-life.view", "14d") == RECO_OK);
    const char *const bad[][2] = {
        {"sed", "1"}, {"seed", "x"}, {"seed", ""}, {"", "1"}, {"threads", "-1"}, {"threads", "1000000"},
        {"model", ""}, {"model", "no such model"}, {"model", "popularity,"}, {"model", ","},
        {"weight.view", "nan"}, {"weight.view", "inf"}, {"weight.view", "much"}, {"weight.", "1"},
        {"half-life.view", "soon"}, {"half-life.view", "-1d"}, {"half-life.view", "0"}, {"half-life.view", "1e999d"},
        {"popularity.nothing", "1"}, {".", "."}, {"a.b.c", "1"}, {"seed\xFF", "1"},
        {"seed", "99999999999999999999999999"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) CHECK(set(trainer, bad[i][0], bad[i][1]) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_set(trainer, NULL, 4, "1", 1, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_set(trainer, "seed", 4, NULL, 1, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_set(trainer, "seed", SIZE_MAX, "1", 1, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void an_event_kind_of_ones_own_gets_a_weight_first(void) {
    reco_trainer *trainer = new_trainer();
    reco_events events = three();
    events.kinds = "view\0cart\0juggle", events.kinds_length = 16;
    CHECK(add(trainer, &events) == RECO_ERROR_DATA);
    CHECK(set(trainer, "weight.juggle", "2") == RECO_OK);
    CHECK(add(trainer, &events) == RECO_OK);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static int32_t attribute(reco_trainer *trainer, const char *name, const void *items, size_t items_length,
                         const void *values, size_t values_length) {
    return reco_trainer_add_attribute(trainer, fenced(name, strlen(name)), strlen(name), items, items_length, values,
                                      values_length, &error);
}

static void attributes_are_checked(void) {
    reco_trainer *trainer = new_trainer();
    CHECK(attribute(trainer, "category", "a\0b", 3, "x\0y", 3) == RECO_OK);
    CHECK(attribute(trainer, "category", "a\0b", 3, "x", 1) == RECO_ERROR_ARGUMENT);
    CHECK(attribute(trainer, "", "a", 1, "x", 1) == RECO_ERROR_ARGUMENT);
    CHECK(attribute(trainer, "price:money", "a", 1, "1", 1) == RECO_ERROR_DATA);
    CHECK(attribute(trainer, "category", NULL, 1, "x", 1) == RECO_ERROR_ARGUMENT);
    CHECK(attribute(trainer, "category", "a", 1, NULL, 1) == RECO_ERROR_ARGUMENT);
    CHECK(attribute(trainer, "category", "a", SIZE_MAX, "x", 1) == RECO_ERROR_ARGUMENT);
    CHECK(attribute(trainer, "category", "\xFF", 1, "x", 1) == RECO_ERROR_DATA);
    CHECK(attribute(trainer, "category", NULL, 0, NULL, 0) == RECO_OK);
    CHECK(attribute(trainer, "price:number", "a\0b\0c", 5, "12.50\0\0dear", 11) != RECO_ERROR_HANDLE);
    reco_events events = three();
    CHECK(add(trainer, &events) == RECO_OK);
    CHECK(attribute(trainer, "title", "only in the catalogue", 21, "\xFF\xFE", 2) != RECO_ERROR_HANDLE);
    reco_model_info info = trained(trainer);
    CHECK(info.item_count == 4 || info.item_count == 3);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void items_need_no_events(void) {
    reco_trainer *trainer = new_trainer();
    reco_events events = three();
    CHECK(add(trainer, &events) == RECO_OK);
    CHECK(attribute(trainer, "title", "only in the catalogue", 21, "Tea", 3) == RECO_OK);
    CHECK(trained(trainer).item_count == 4);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

static void the_same_training_gives_the_same_file(void) {
    char bytes[2][65536];
    size_t lengths[2];
    for (int i = 0; i < 2; i++) {
        const char *path = i == 0 ? "one.reco" : "two.reco";
        shop_save(path, NULL);
        FILE *file = fopen(path, "rb");
        NEED(file != NULL);
        lengths[i] = fread(bytes[i], 1, sizeof bytes[i], file);
        NEED(fclose(file) == 0);
    }
    CHECK(lengths[0] > 0 && lengths[0] == lengths[1] && memcmp(bytes[0], bytes[1], lengths[0]) == 0);
}

static void training_leaves_no_thread_behind(void) {
    reco_trainer *trainer = shop_trainer("als,item-knn,svd");
    CHECK(set(trainer, "threads", "8") == RECO_OK);
    CHECK(reco_trainer_train(trainer, &error) == RECO_OK);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
    int threads = 0;
    DIR *folder = opendir("/proc/self/task");
    NEED(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) threads += entry->d_name[0] != '.';
    closedir(folder);
    CHECK(threads == 1);
}

static void more_threads_give_the_same_model(void) {
    static char bytes[2][1 << 17];
    size_t lengths[2];
    for (int i = 0; i < 2; i++) {
        reco_trainer *trainer = shop_trainer("als,item-knn,svd");
        CHECK(set(trainer, "threads", i == 0 ? "1" : "7") == RECO_OK);
        CHECK(reco_trainer_train(trainer, &error) == RECO_OK);
        CHECK(reco_trainer_save(trainer, "threads.reco", 12, &error) == RECO_OK);
        CHECK(reco_trainer_free(trainer) == RECO_OK);
        FILE *file = fopen("threads.reco", "rb");
        NEED(file != NULL);
        lengths[i] = fread(bytes[i], 1, sizeof bytes[i], file);
        NEED(fclose(file) == 0);
    }
    CHECK(lengths[0] > 0 && lengths[0] < sizeof *bytes && lengths[0] == lengths[1]);
    CHECK(memcmp(bytes[0], bytes[1], lengths[0]) == 0);
}

static void notes_of_the_last_training_can_be_read(void) {
    static const char said[] = "popularity cannot go on from an earlier model and is trained anew";
    char notes[sizeof said + 16];
    size_t length = 99;
    reco_trainer *trainer = shop_trainer("popularity");
    CHECK(reco_trainer_notes(trainer, notes, sizeof notes, &length, &error) == RECO_OK && length == 0);
    CHECK(reco_trainer_notes(trainer, NULL, 0, &length, &error) == RECO_OK && length == 0);
    CHECK(reco_trainer_save(trainer, "earlier.reco", 12, &error) == RECO_OK);
    CHECK(set(trainer, "continue", "earlier.reco") == RECO_OK);
    CHECK(reco_trainer_train(trainer, &error) == RECO_OK);
    CHECK(reco_trainer_notes(trainer, notes, 10, &length, &error) == RECO_ERROR_BUFFER_TOO_SMALL);
    CHECK(length == sizeof said);
    char *exactly = fenced(notes, length);
    CHECK(reco_trainer_notes(trainer, exactly, length, &length, &error) == RECO_OK);
    CHECK(length == sizeof said && memcmp(exactly, said, length) == 0);
    CHECK(reco_trainer_notes(trainer, NULL, length, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_notes(trainer, notes, sizeof notes, NULL, NULL) == RECO_OK);
    CHECK(reco_trainer_notes(NULL, notes, sizeof notes, &length, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

int main(void) {
    RUN(columns_may_be_left_out);
    RUN(baskets_say_what_is_bought_together);
    RUN(events_of_an_older_header_are_taken);
    RUN(events_may_come_in_several_calls);
    RUN(columns_of_another_length_are_refused);
    RUN(a_bad_event_is_refused_with_all_the_others);
    RUN(a_refusal_keeps_what_was_there);
    RUN(extreme_values_are_taken_or_refused_but_never_crash);
    RUN(integers_and_texts_are_found_as_they_were_written);
    RUN(options_are_checked_when_they_are_set);
    RUN(an_event_kind_of_ones_own_gets_a_weight_first);
    RUN(attributes_are_checked);
    RUN(items_need_no_events);
    RUN(the_same_training_gives_the_same_file);
    RUN(training_leaves_no_thread_behind);
    RUN(more_threads_give_the_same_model);
    RUN(notes_of_the_last_training_can_be_read);
    fences_down();
    return finish("training");
}
