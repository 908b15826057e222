/* Filters, boosts and live values. */
#include <math.h>

#include "fence.h"
#include "shop.h"

enum { ROOM = 64 };

static reco_error error;
static reco_model *model;
static reco_hit hits[ROOM];
static uint32_t count;

static int32_t ask(reco_query query) {
    query.struct_size = sizeof query;
    if (query.limit == 0) query.limit = 40;
    reco_query *copy = fenced(&query, sizeof query);
    count = 0;
    int32_t status = reco_model_query(model, copy, 1, hits, ROOM, &count, 1, &error);
    if (fence_count > FENCES - 64) fences_down();
    return status;
}

static int32_t filter(const char *text) {
    return ask((reco_query){.filter = fenced(text, strlen(text)), .filter_length = strlen(text)});
}

static int number(uint32_t place) {
    char text[64];
    size_t length;
    NEED(reco_model_item_ids(model, &hits[place].row, 1, 4, text, sizeof text, &length, &error) == RECO_OK);
    return atoi(text + 5);
}

static void a_filter_leaves_what_meets_it(void) {
    CHECK(filter("price < 10 and category = \"even\"") == RECO_OK && count == 5);
    for (uint32_t i = 0; i < count; i++) CHECK(number(i) < 10 && number(i) % 2 == 0);
    CHECK(filter("tag('red') or price > 28") == RECO_OK && count == 11);
    CHECK(filter("price < 0") == RECO_OK && count == 0);
    CHECK(filter("price >= 0") == RECO_OK && count == SHOP_ITEMS);
    CHECK(filter("") == RECO_OK && count == SHOP_ITEMS);
}

static void a_boost_gives_the_score(void) {
    const char *boost = "if(tag(\"green\"), price, -price)";
    CHECK(ask((reco_query){.boost = fenced(boost, strlen(boost)), .boost_length = strlen(boost), .limit = 3}) == RECO_OK);
    CHECK(count == 3);
    CHECK(number(0) == 29 && number(1) == 28 && number(2) == 26);
    CHECK(hits[0].score == 29.5f && hits[2].score == 26.5f);
}

static void live_values_override_and_add(void) {
    static const char items[] = "item-3\0item-5\0unknown\0item-4"; /* the last NUL is the literal's own */
    static const double stock[] = {1, 0, 9, 2}, price[] = {100, 1, 2, NAN};
    reco_live live[] = {
        {"stock", 5, items, sizeof items, fenced(stock, sizeof stock), 4},
        {"price", 5, items, sizeof items - 1, fenced(price, sizeof price), 4},
    };
    const char *text = "stock > 0 and (price > 99 or not has(price))";
    reco_query query = {.filter = text, .filter_length = strlen(text), .live = fenced(live, sizeof live), .live_count = 2};
    CHECK(ask(query) == RECO_OK && count == 2);
    for (uint32_t i = 0; i < count; i++) CHECK(number(i) == 3 || number(i) == 4);
    query.live_count = 1;
    CHECK(ask(query) == RECO_OK && count == 0);
    query.live = NULL, query.live_count = 0;
    CHECK(ask(query) == RECO_ERROR_ARGUMENT && strstr(error.message, "no attribute \"stock\"") != NULL);
}

static void errors_name_the_position(void) {
    CHECK(filter("price > 1 or prize < 50") == RECO_ERROR_ARGUMENT);
    CHECK(strcmp(error.message, "filter, position 14: there is no attribute \"prize\"; did you mean \"price\"?") == 0);
    CHECK(filter("price") == RECO_ERROR_ARGUMENT && strstr(error.message, "filter, position 1: ") == error.message);
    CHECK(ask((reco_query){.boost = "score *", .boost_length = 7}) == RECO_ERROR_ARGUMENT);
    CHECK(strstr(error.message, "boost, position 8: ") == error.message);
}

static void what_makes_no_sense_is_refused(void) {
    CHECK(ask((reco_query){.filter_length = 3}) == RECO_ERROR_ARGUMENT);
    CHECK(ask((reco_query){.boost_length = 3}) == RECO_ERROR_ARGUMENT);
    CHECK(ask((reco_query){.live_count = 1}) == RECO_ERROR_ARGUMENT);
    double one = 1;
    reco_live good = {"stock", 5, "item-1", 6, &one, 1};
    CHECK(ask((reco_query){.live = &good, .live_count = 1}) == RECO_OK);
    for (int field = 0; field < 6; field++) {
        reco_live bad = good;
        if (field == 0) bad.name = NULL;
        if (field == 1) bad.name_length = 0;
        if (field == 2) bad.items = NULL;
        if (field == 3) bad.values = NULL;
        if (field == 4) bad.values_count = 2;
        if (field == 5) bad.name = "title";
        CHECK(ask((reco_query){.live = &bad, .live_count = 1}) == RECO_ERROR_ARGUMENT);
    }
    static reco_live many[33];
    for (int i = 0; i < 33; i++) many[i] = good;
    CHECK(ask((reco_query){.live = many, .live_count = 33}) == RECO_ERROR_ARGUMENT);
    CHECK(ask((reco_query){.live = many, .live_count = SIZE_MAX / sizeof *many}) == RECO_ERROR_ARGUMENT);
}

static void deep_long_and_random_expressions_are_weathered(void) {
    static char text[200000];
    static const char *openings[] = {"(", "not ", "-", "abs(", "if(true, 1, "};
    for (size_t k = 0; k < sizeof openings / sizeof *openings; k++) {
        size_t length = 0;
        while (length + 16 < 60000) length += (size_t)sprintf(text + length, "%s", openings[k]);
        CHECK(ask((reco_query){.filter = text, .filter_length = length}) == RECO_ERROR_ARGUMENT);
        CHECK(ask((reco_query){.boost = text, .boost_length = length}) == RECO_ERROR_ARGUMENT);
    }
    memset(text, '1', sizeof text);
    CHECK(ask((reco_query){.filter = text, .filter_length = sizeof text}) == RECO_ERROR_ARGUMENT);
    uint32_t state = 1;
    for (int round = 0; round < 2000; round++) {
        size_t length = (size_t)(round % 60) + 1;
        static const char letters[] = "price<>=!()\"'`,.0123 and or not in tag\xC3\xA4\xFF+-*/";
        for (size_t i = 0; i < length; i++) {
            state = state * 1664525u + 1013904223u;
            text[i] = letters[(state >> 16) % (sizeof letters - 1)];
        }
        int32_t status = ask((reco_query){.filter = fenced(text, length), .filter_length = length});
        CHECK(status == RECO_OK || (status == RECO_ERROR_ARGUMENT && strstr(error.message, "filter, position ") != NULL));
    }
}

static void the_list_is_full_for_every_question_while_items_match(void) {
    const char *text = "category = 'odd' and price < 20";
    reco_query query = {.filter = text, .filter_length = strlen(text), .limit = 10, .flags = RECO_SHOW_BOUGHT};
    for (int user = 1000; user < 1000 + SHOP_USERS; user++) {
        char id[16];
        query.user = id, query.user_length = (size_t)sprintf(id, "%d", user);
        CHECK(ask(query) == RECO_OK && count == 10);
        for (uint32_t i = 0; i < count; i++) CHECK(number(i) % 2 == 1 && number(i) < 20);
    }
    query.similar_to = "item-2", query.similar_to_length = 6;
    CHECK(ask(query) == RECO_OK && count == 10);
    query.similar_to = NULL, query.similar_to_length = 0;
    query.candidates = "item-1\0item-2\0nowhere\0item-21\0item-3", query.candidates_length = 36;
    CHECK(ask(query) == RECO_OK && count == 2);
}

static void a_query_from_before_there_were_filters_is_understood(void) {
    size_t size = offsetof(reco_query, filter);
    reco_query query = {.struct_size = (uint32_t)size, .limit = 5};
    reco_query *copy = fenced(&query, size);
    CHECK(reco_model_query(model, copy, 1, hits, ROOM, &count, 1, &error) == RECO_OK && count == 5);
}

int main(int argc, char **argv) {
    model = shop_model(argc > 1 ? argv[1] : "item-knn,bm25");
    RUN(a_filter_leaves_what_meets_it);
    RUN(a_boost_gives_the_score);
    RUN(live_values_override_and_add);
    RUN(errors_name_the_position);
    RUN(what_makes_no_sense_is_refused);
    RUN(deep_long_and_random_expressions_are_weathered);
    RUN(the_list_is_full_for_every_question_while_items_match);
    RUN(a_query_from_before_there_were_filters_is_understood);
    NEED(reco_model_close(model) == RECO_OK);
    return finish("filters");
}
