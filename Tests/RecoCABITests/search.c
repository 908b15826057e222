/* Questions with words, and what search learns from searches. */
#include <math.h>

#include "fence.h"
#include "shop.h"

enum { ROOM = 64 };

static reco_error error;
static reco_model *model;
static reco_hit hits[ROOM];
static uint32_t count;

static int32_t ask(const reco_query *query) {
    reco_query *copy = fenced(query, sizeof *query);
    count = 0;
    int32_t status = reco_model_query(model, copy, 1, hits, ROOM, &count, 1, &error);
    if (fence_count > FENCES - 64) fences_down();
    return status;
}

static int32_t search(const void *text, size_t length, uint32_t flags) {
    reco_query query = {.struct_size = sizeof query, .flags = flags, .limit = 40};
    query.text = fenced(text, length);
    query.text_length = length;
    return ask(&query);
}

static int is(uint32_t place, const char *id) {
    char text[64];
    size_t length;
    NEED(reco_model_item_ids(model, &hits[place].row, 1, 4, text, sizeof text, &length, &error) == RECO_OK);
    return strcmp(text, id) == 0;
}

static void words_find_items(void) {
    CHECK(search("kase 7", 6, 0) == RECO_OK);
    CHECK(count == SHOP_ITEMS);
    CHECK(is(0, "item-7"));
    CHECK(hits[0].rung == RECO_RUNG_MATCHING);
    for (uint32_t i = 1; i < count; i++) CHECK(hits[i].score <= hits[i - 1].score && isfinite(hits[i].score));
    CHECK(strcmp(reco_rung_name(hits[0].rung), "matching") == 0);
}

static void a_hit_tells_which_fields_match(void) {
    CHECK(search("kase 7", 6, 0) == RECO_OK);
    NEED(count > 0);
    reco_query query = {.struct_size = sizeof query, .text = "kase 7", .text_length = 6};
    size_t all = 0;
    reco_field *fields = fenced_room(8 * sizeof *fields);
    CHECK(reco_model_matched_fields(model, &query, &hits[0], fields, 8, &all, &error) == RECO_OK);
    NEED(all >= 1 && all <= 8);
    CHECK(strcmp(fields[0].name, "title") == 0 && fields[0].words == 2);
    float sum = 0;
    for (size_t i = 0; i < all; i++) sum += fields[i].share;
    CHECK(fabsf(sum - 1) < 1e-5f);
    reco_field *fewer = fenced_room(1);  /* none fits, and nothing is written */
    size_t again = 0;
    CHECK(reco_model_matched_fields(model, &query, &hits[0], fewer, 0, &again, &error) == RECO_OK && again == all);
    fences_down();
}

static void half_a_word_finds_items_when_it_may(void) {
    CHECK(search("k\xC3\xA4s", 4, RECO_TEXT_PREFIX) == RECO_OK);
    CHECK(count == 40 || count == SHOP_ITEMS);
}

static void nothing_matches_nothing(void) {
    CHECK(search("zzzzqqq", 7, 0) == RECO_OK && count == 0);
    CHECK(search("   ", 3, 0) == RECO_OK && count == 0);
    CHECK(search("zzzzqqq", 7, RECO_FILL_UP) == RECO_OK && count == SHOP_ITEMS);
}

static void any_bytes_are_weathered(void) {
    static uint8_t bytes[4096];
    uint32_t state = 1;
    for (int round = 0; round < 300; round++) {
        size_t length = (size_t)(round * 13 % 4096) + 1;
        for (size_t i = 0; i < length; i++) {
            state = state * 1664525u + 1013904223u;
            bytes[i] = (uint8_t)(state >> 24);
        }
        CHECK(search(bytes, length, (uint32_t)(round % 8) * RECO_TEXT_PREFIX) == RECO_OK);
        CHECK(count <= SHOP_ITEMS);
    }
    reco_query query = {.struct_size = sizeof query, .text_length = 3};
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
}

static void a_text_beside_candidates_orders_them(void) {
    reco_query query = {.struct_size = sizeof query};
    query.candidates = "item-1\0item-2\0item-12", query.candidates_length = 21;
    query.text = "2", query.text_length = 1;
    CHECK(ask(&query) == RECO_OK && count == 3);
    CHECK(is(0, "item-2") && hits[0].rung == RECO_RUNG_MATCHING);
}

/* The struct as programs know it that were compiled before it had times. */
static void searches_from_before_there_were_times_are_understood(void) {
    reco_trainer *trainer = NULL;
    NEED(reco_trainer_new(&trainer, &error) == RECO_OK);
    int64_t times[] = {1700000000, INT64_MAX};
    reco_searches searches = {.struct_size = offsetof(reco_searches, times), .count = 2};
    searches.texts = "tea\0cup", searches.texts_length = 8, searches.items = "1\0002", searches.items_length = 4;
    CHECK(reco_trainer_add_searches(trainer, fenced(&searches, offsetof(reco_searches, times)), &error) == RECO_OK);
    searches.struct_size = sizeof searches;
    searches.times = times, searches.times_count = 1;
    CHECK(reco_trainer_add_searches(trainer, &searches, &error) == RECO_ERROR_ARGUMENT);
    searches.times_count = 2;
    CHECK(reco_trainer_add_searches(trainer, &searches, &error) == RECO_ERROR_DATA);
    CHECK(strstr(error.message, "the time of search 1") != NULL);
    times[1] = INT64_MIN;
    CHECK(reco_trainer_add_searches(trainer, &searches, &error) == RECO_OK);
    fences_down();
    reco_trainer_free(trainer);
}

static void a_query_from_before_there_were_texts_is_understood(void) {
    reco_query query = {.struct_size = (uint32_t)offsetof(reco_query, text), .limit = 5};
    CHECK(ask(&query) == RECO_OK && count == 5);
}

static void a_batch_of_searches_is_what_each_would_give(void) {
    reco_query queries[3];
    reco_hit all[3 * 10], alone[10];
    uint32_t counts[3], one;
    const char *texts[3] = {"nr 3", "kase", "12"};
    for (int i = 0; i < 3; i++) {
        queries[i] = (reco_query){.struct_size = sizeof *queries, .limit = 10};
        queries[i].text = texts[i];
        queries[i].text_length = strlen(texts[i]);
    }
    NEED(reco_model_query(model, queries, 3, all, 30, counts, 3, &error) == RECO_OK);
    for (int i = 0; i < 3; i++) {
        NEED(reco_model_query(model, queries + i, 1, alone, 10, &one, 1, &error) == RECO_OK);
        CHECK(one == counts[i] && memcmp(alone, all + 10 * i, one * sizeof *alone) == 0);
    }
}

static void a_model_without_words_says_so(void) {
    reco_model *words = model;
    model = shop_model("popularity");
    CHECK(search("kase", 4, 0) == RECO_ERROR_UNSUPPORTED);
    CHECK(strstr(error.message, "bm25") != NULL);
    CHECK(reco_model_close(model) == RECO_OK);
    model = words;
}

static void searches_are_checked_before_they_are_added(void) {
    reco_trainer *trainer = NULL;
    NEED(reco_trainer_new(&trainer, &error) == RECO_OK);
    reco_searches searches = {.struct_size = sizeof searches, .count = 2};
    searches.texts = "cheese\0sofa", searches.texts_length = 12;
    searches.items = "item-1\0item-2", searches.items_length = 14;
    CHECK(reco_trainer_add_searches(trainer, &searches, &error) == RECO_OK);
    searches.users = "ann", searches.users_length = 4;
    CHECK(reco_trainer_add_searches(trainer, &searches, &error) == RECO_ERROR_ARGUMENT);
    searches.users = NULL, searches.users_length = 0;
    searches.count = 3;
    CHECK(reco_trainer_add_searches(trainer, &searches, &error) == RECO_ERROR_ARGUMENT);
    searches.count = 2, searches.reserved = 1;
    CHECK(reco_trainer_add_searches(trainer, &searches, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_add_searches(trainer, NULL, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_add_searches(NULL, &searches, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

int main(int argc, char **argv) {
    model = shop_model(argc > 1 ? argv[1] : "bm25");
    RUN(words_find_items);
    RUN(a_hit_tells_which_fields_match);
    RUN(half_a_word_finds_items_when_it_may);
    RUN(nothing_matches_nothing);
    RUN(any_bytes_are_weathered);
    RUN(a_text_beside_candidates_orders_them);
    RUN(searches_from_before_there_were_times_are_understood);
    RUN(a_query_from_before_there_were_texts_is_understood);
    RUN(a_batch_of_searches_is_what_each_would_give);
    RUN(a_model_without_words_says_so);
    RUN(searches_are_checked_before_they_are_added);
    CHECK(reco_model_close(model) == RECO_OK);
    fences_down();
    return finish("search");
}
