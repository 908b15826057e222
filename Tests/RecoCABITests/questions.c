/* Questions and their answers: what the header promises of recommend, similar and rank. */
#include <math.h>

#include "fence.h"
#include "shop.h"

enum { ROOM = 64 };

static reco_error error;
static reco_model *model;
static const char *models; /* what the shop is trained with */

static reco_hit hits[ROOM];
static uint32_t count;

/* Asks with exactly as much room as the answer may need, and a query that ends where nobody may read on. */
static int32_t ask_in_room(const reco_query *query, size_t room) {
    reco_query *copy = fenced(query, sizeof *query);
    reco_hit *exact = fenced_room(room * sizeof *exact);
    uint32_t *exact_count = fenced_room(sizeof *exact_count);
    int32_t status = reco_model_query(model, copy, 1, exact, room, exact_count, 1, &error);
    count = status == RECO_OK ? *exact_count : 0;
    CHECK(count <= room);
    if (count > 0) memcpy(hits, exact, (count < ROOM ? count : ROOM) * sizeof *hits);
    if (fence_count > FENCES - 64) fences_down();
    return status;
}

static int32_t ask(const reco_query *query) { return ask_in_room(query, ROOM); }

static reco_query question(void) { return (reco_query){.struct_size = sizeof(reco_query)}; }

/* Borrowed text without an end: the byte after it must not be read. */
#define SET(query, field, text) \
    ((query)->field = fenced(text, sizeof(text) - 1), (query)->field##_length = sizeof(text) - 1)

static uint32_t row_of(const char *id) {
    uint32_t row = 0;
    size_t found = 0;
    CHECK(reco_model_item_rows(model, id, strlen(id), &row, 1, &found, &error) == RECO_OK && found == 1);
    return row;
}

static int place(uint32_t row) {
    for (uint32_t i = 0; i < count; i++)
        if (hits[i].row == row) return (int)i;
    return -1;
}

static int has(const char *id) { return place(row_of(id)) >= 0; }

/* What holds for every answer that is not a ranking. */
static void check_answer(void) {
    for (uint32_t i = 0; i < count; i++) {
        CHECK(hits[i].row < SHOP_ITEMS);
        CHECK(hits[i].rung >= RECO_RUNG_PERSONAL && hits[i].rung <= RECO_RUNG_POPULAR);
        CHECK(hits[i].position == RECO_NO_POSITION);
        CHECK(isfinite(hits[i].score));
        CHECK(strcmp(reco_source_name(hits[i].source), "none") != 0);
        if (i > 0) CHECK(hits[i].rung >= hits[i - 1].rung);
        if (i > 0 && hits[i].rung == hits[i - 1].rung && hits[i].source == hits[i - 1].source)
            CHECK(hits[i].score <= hits[i - 1].score);
        for (uint32_t j = 0; j < i; j++) CHECK(hits[i].row != hits[j].row);
    }
}

static void a_stranger_gets_ten_bestsellers(void) {
    reco_query query = question();
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 10);
    check_answer();
    CHECK(hits[0].rung == RECO_RUNG_POPULAR);
    SET(&query, user, "nobody we know");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 10);
    check_answer();
}

static void the_limit_is_filled_while_there_are_items(void) {
    const char *users[] = {"1000", "1001", "nobody", ""};
    const uint32_t limits[] = {1, 7, 10, 24, 30, 31, 64, 1000000000, UINT32_MAX};
    for (int u = 0; u < 4; u++)
        for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
            reco_query query = question();
            query.user = users[u], query.user_length = strlen(users[u]);
            query.limit = limits[i];
            uint32_t left = u < 2 ? SHOP_ITEMS - 6 : SHOP_ITEMS;
            CHECK(ask(&query) == RECO_OK);
            CHECK(count == (limits[i] < left ? limits[i] : left));
            check_answer();
        }
}

static void an_answer_never_outgrows_its_room(void) {
    for (size_t room = 0; room < 12; room++) {
        reco_query query = question();
        SET(&query, user, "1000");
        query.limit = 1000000000;
        CHECK(ask_in_room(&query, room) == RECO_OK);
        CHECK(count == room);
        query.limit = 5;
        CHECK(ask_in_room(&query, room) == RECO_OK);
        CHECK(count == (room < 5 ? room : 5));
    }
    reco_query query = question();
    uint32_t counted = 7;
    CHECK(reco_model_query(model, &query, 1, NULL, 0, &counted, 1, &error) == RECO_OK);
    CHECK(counted == 0);
}

static void what_was_bought_is_hidden_unless_asked_for(void) {
    reco_query query = question();
    SET(&query, user, "1004");
    query.limit = SHOP_ITEMS;
    CHECK(ask(&query) == RECO_OK);
    for (int event = 0; event < 6; event++) CHECK(!has(shop_item_id(shop_item(4, event))));
    CHECK(has(shop_item_id(shop_item(4, 6)))); /* only viewed */
    query.flags = RECO_SHOW_BOUGHT;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS);
    check_answer();
    query.flags = RECO_HIDE_SEEN;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS - 7);
    for (int event = 0; event < 7; event++) CHECK(!has(shop_item_id(shop_item(4, event))));
}

static void an_item_nobody_touched_can_be_found(void) {
    reco_query query = question();
    query.limit = SHOP_ITEMS;
    CHECK(ask(&query) == RECO_OK);
    CHECK(has("item-28") && has("item-29"));
}

static void the_session_is_hidden_unless_asked_for(void) {
    reco_query query = question();
    SET(&query, session, "item-0\0item-2\0never heard of it\0\0item-4");
    query.limit = SHOP_ITEMS;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS - 3);
    CHECK(!has("item-0") && !has("item-2") && !has("item-4"));
    check_answer();
    query.flags = RECO_SHOW_SESSION;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS);
}

static void a_session_leads_to_its_own_kind(void) {
    reco_query query = question();
    SET(&query, session, "item-1\0item-11\0item-21");
    query.limit = 8;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 8);
    for (uint32_t i = 0; i < count; i++) CHECK(hits[i].rung < RECO_RUNG_POPULAR);
    int odd = 0;
    for (int item = 1; item < SHOP_ITEMS; item += 2) odd += has(shop_item_id(item));
    CHECK(odd == 8);
}

static void kinds_and_ages_belong_to_the_session_items(void) {
    reco_query query = question();
    SET(&query, session, "item-0\0item-2");
    const uint8_t kinds[] = {RECO_EVENT_VIEW, RECO_EVENT_DISLIKE, 255};
    const float ages[] = {10, 1000, 1};
    query.session_kinds = fenced(kinds, 2), query.session_kinds_count = 2;
    query.session_ages = fenced(ages, 2 * sizeof *ages), query.session_ages_count = 2;
    CHECK(ask(&query) == RECO_OK && count == 10);
    check_answer();
    query.session_kinds_count = 1;
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
    query.session_kinds = kinds, query.session_kinds_count = 3;
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
    query.session_kinds_count = 2, query.session_ages = NULL;
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
    query.session_ages_count = 0;
    CHECK(ask(&query) == RECO_OK);
    query.session_kinds = NULL;
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
}

static void odd_kinds_and_ages_do_no_harm(void) {
    reco_query query = question();
    SET(&query, session, "item-0\0item-2\0item-4\0item-6\0item-8\0item-10\0item-12");
    const uint8_t kinds[] = {0, 5, 6, 64, 128, 200, 255};
    const float ages[] = {NAN, INFINITY, -INFINITY, -5, 3e38F, 0, 1e-38F};
    query.session_kinds = kinds, query.session_kinds_count = 7;
    query.session_ages = ages, query.session_ages_count = 7;
    query.limit = SHOP_ITEMS;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS - 7);
    check_answer();
}

static void only_allowed_items_are_proposed(void) {
    reco_query query = question();
    SET(&query, allow, "item-3\0item-28\0item-3\0what is this\0item-6");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 3 && has("item-3") && has("item-28") && has("item-6"));
    SET(&query, deny, "item-3");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 2 && !has("item-3"));
    query.deny = NULL, query.deny_length = 0;
    query.allow = "", query.allow_length = 0;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 0);
    SET(&query, allow, "unknown\0as well");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 0);
    query = question();
    query.limit = SHOP_ITEMS;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS); /* the next question is not touched by the last one's lists */
}

static void denied_items_are_not_proposed(void) {
    reco_query query = question();
    query.limit = SHOP_ITEMS;
    SET(&query, deny, "item-0\0item-1\0item-29\0unknown\0\0item-1\0");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS - 3 && !has("item-0") && !has("item-1") && !has("item-29"));
    SET(&query, similar_to, "item-2");
    CHECK(ask(&query) == RECO_OK);
    CHECK(!has("item-0") && !has("item-1") && !has("item-29"));
}

static void similar_items_leave_out_the_given_ones(void) {
    reco_query query = question();
    SET(&query, similar_to, "item-5\0item-7");
    query.limit = 12;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 12 && !has("item-5") && !has("item-7"));
    check_answer();
    for (uint32_t i = 0; i < count; i++) CHECK(hits[i].rung >= RECO_RUNG_SIMILAR);
    for (uint32_t i = 0; i < count; i++) CHECK(hits[i].rung <= RECO_RUNG_CATEGORY);
    query.limit = SHOP_ITEMS;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS - 2);
    SET(&query, similar_to, "nothing we sell");
    query.limit = 5;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 5); /* bestsellers */
    SET(&query, similar_to, "item-5");
    query.limit = SHOP_ITEMS, query.user = "1001", query.user_length = 4;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == SHOP_ITEMS - 1); /* what was bought stays: by default it is not hidden here */
    query.flags = RECO_HIDE_BOUGHT;
    CHECK(ask(&query) == RECO_OK);
    for (int event = 0; event < 6; event++) CHECK(!has(shop_item_id(shop_item(1, event))));
}

static void what_is_bought_together_falls_back_to_what_is_similar(void) {
    reco_query query = question();
    SET(&query, similar_to, "item-5\0item-7");
    query.limit = 12;
    CHECK(ask(&query) == RECO_OK);
    uint32_t similar[12];
    for (uint32_t i = 0; i < 12; i++) similar[i] = hits[i].row;
    query.flags = RECO_BOUGHT_TOGETHER;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 12 && !has("item-5") && !has("item-7"));
    check_answer();
    if (strstr(models, "bought-together") != NULL)
        CHECK(strcmp(reco_source_name(hits[0].source), "bought-together") == 0 && hits[0].rung == RECO_RUNG_SIMILAR);
    else
        for (uint32_t i = 0; i < 12; i++) CHECK(hits[i].row == similar[i]);
    query.similar_to = NULL, query.similar_to_length = 0;
    CHECK(ask(&query) == RECO_OK); /* without items it says nothing */
    CHECK(count == 12);
}

static void without_fallback_a_stranger_gets_nothing(void) {
    reco_query query = question();
    query.flags = RECO_NO_FALLBACK;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 0);
    SET(&query, user, "1000");
    CHECK(ask(&query) == RECO_OK);
    for (uint32_t i = 0; i < count; i++) CHECK(hits[i].rung < RECO_RUNG_CATEGORY);
    CHECK(count > 0 || strcmp(models, "popularity") == 0);
}

static void a_ranking_brings_every_candidate_back(void) {
    reco_query query = question();
    SET(&query, user, "1000");
    SET(&query, candidates, "item-1\0unknown\0item-2\0item-29\0\0item-4\0item-3\0also unknown");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 8);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        CHECK(hits[i].position < 8);
        seen |= 1u << hits[i].position;
        int unknown = hits[i].position == 1 || hits[i].position == 4 || hits[i].position == 7;
        CHECK((hits[i].row == RECO_NO_ROW) == unknown);
        CHECK((i >= 5) == unknown); /* last */
        if (unknown) CHECK(hits[i].rung == RECO_RUNG_NONE && strcmp(reco_source_name(hits[i].source), "none") == 0);
        else CHECK(hits[i].rung != RECO_RUNG_NONE);
    }
    CHECK(seen == 0xFF);
    if (strcmp(models, "popularity") != 0) CHECK(hits[0].position == 2 || hits[0].position == 5); /* even, like 1000 */
    reco_hit first = hits[0];
    query.limit = 1;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 1 && hits[0].row == first.row && hits[0].position == first.position);
    query.limit = 0;
    CHECK(ask_in_room(&query, 3) == RECO_OK);
    CHECK(count == 3 && hits[0].row == first.row);
    query.limit = 1000000000;
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 8);
}

static void a_stranger_can_have_things_ranked_too(void) {
    reco_query query = question();
    SET(&query, candidates, "item-29\0item-0\0item-28\0item-1");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 4);
    CHECK(hits[0].position == 1 || hits[0].position == 3); /* the others were never sold */
    CHECK(hits[1].position == 1 || hits[1].position == 3);
    SET(&query, user, "nobody");
    SET(&query, session, "item-2\0item-4");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 4);
}

static void a_candidate_may_come_twice(void) {
    reco_query query = question();
    SET(&query, candidates, "item-3\0item-3\0item-5\0item-3");
    CHECK(ask(&query) == RECO_OK);
    CHECK(count == 4);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count; i++) seen |= 1u << hits[i].position;
    CHECK(seen == 0xF);
}

static void questions_that_make_no_sense_are_refused(void) {
    reco_query query = question();
    SET(&query, similar_to, "item-1");
    SET(&query, candidates, "item-2");
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
    query = question();
    query.flags = 1u << 31;
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
    query = question();
    query.reserved = 1;
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
#define NULL_WITH_LENGTH(field)                   \
    query = question(), query.field##_length = 3; \
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);    \
    CHECK(strstr(error.message, #field) != NULL)
    NULL_WITH_LENGTH(user);
    NULL_WITH_LENGTH(session);
    NULL_WITH_LENGTH(similar_to);
    NULL_WITH_LENGTH(candidates);
    NULL_WITH_LENGTH(allow);
    NULL_WITH_LENGTH(deny);
#undef NULL_WITH_LENGTH
    query = question();
    query.user = "1000", query.user_length = SIZE_MAX;
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
    query = question();
    query.session = "a", query.session_length = 1;
    query.session_ages = (const float[]){1}, query.session_ages_count = SIZE_MAX / 2;
    CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
}

static void arguments_that_make_no_sense_are_refused(void) {
    reco_query query = question();
    uint32_t counted = 0;
    CHECK(reco_model_query(model, NULL, 1, hits, ROOM, &counted, 1, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_query(model, &query, 1, NULL, ROOM, &counted, 1, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_query(model, &query, 1, hits, ROOM, NULL, 1, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_query(model, &query, 1, hits, ROOM, &counted, 0, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_query(model, &query, 1, hits, SIZE_MAX, &counted, 1, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_query(model, &query, SIZE_MAX, hits, ROOM, &counted, SIZE_MAX, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_query(model, &query, 1ULL << 40, hits, ROOM, &counted, 1ULL << 40, &error) != RECO_OK);
    CHECK(reco_model_query(model, NULL, 0, NULL, 0, NULL, 0, &error) == RECO_OK);
}

static void a_question_of_another_size_is_refused_or_understood(void) {
    const uint32_t sizes[] = {0, 1, 4, sizeof(reco_query) - 8, sizeof(reco_query) - 1, 1u << 20, UINT32_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        reco_query query = question();
        query.struct_size = sizes[i];
        CHECK(ask(&query) == RECO_ERROR_ARGUMENT);
    }
    /* A program built with a later header: larger, but with nothing in the new fields. */
    struct {
        reco_query query;
        uint64_t later;
    } larger = {.query = {.struct_size = sizeof larger}};
    CHECK(reco_model_query(model, &larger.query, 1, hits, ROOM, &count, 1, &error) == RECO_OK);
    CHECK(count == 10);
    larger.later = 1;
    CHECK(reco_model_query(model, &larger.query, 1, hits, ROOM, &count, 1, &error) == RECO_ERROR_ARGUMENT);
}

static void a_batch_gives_what_single_questions_give(void) {
    enum { BATCH = 64, SHARE = 9 };
    static reco_query queries[BATCH];
    static char users[BATCH][8];
    static reco_hit all[BATCH * SHARE];
    static uint32_t counts[BATCH];
    for (int i = 0; i < BATCH; i++) {
        queries[i] = question();
        queries[i].limit = (uint32_t)(i % 12);
        snprintf(users[i], sizeof users[i], "%d", 990 + i);
        if (i % 3 != 0) queries[i].user = users[i], queries[i].user_length = 4 - (i < 10);
        if (i % 4 == 1) queries[i].session = "item-3\0item-9", queries[i].session_length = 13;
        if (i % 5 == 2) queries[i].similar_to = "item-8", queries[i].similar_to_length = 6;
        if (i % 5 == 3) queries[i].candidates = "item-8\0item-1\0nothing\0item-2", queries[i].candidates_length = 28;
        if (i % 7 == 4) queries[i].deny = "item-8\0item-1", queries[i].deny_length = 13;
        if (i % 8 == 5) queries[i].allow = "item-8\0item-1\0item-2", queries[i].allow_length = 20;
    }
    CHECK(reco_model_query(model, queries, BATCH, all, BATCH * SHARE, counts, BATCH, &error) == RECO_OK);
    for (int i = 0; i < BATCH; i++) {
        CHECK(ask_in_room(&queries[i], SHARE) == RECO_OK);
        CHECK(count == counts[i]);
        CHECK(memcmp(hits, all + i * SHARE, count * sizeof *hits) == 0);
    }
    queries[BATCH - 1].struct_size -= 8;
    CHECK(reco_model_query(model, queries, BATCH, all, BATCH * SHARE, counts, BATCH, &error) == RECO_ERROR_ARGUMENT);
    queries[BATCH - 1].struct_size += 8;
    /* Less room than questions: everybody's share is nothing. */
    CHECK(reco_model_query(model, queries, BATCH, all, BATCH - 1, counts, BATCH, &error) == RECO_OK);
    for (int i = 0; i < BATCH; i++) CHECK(counts[i] == 0);
}

static void the_same_question_has_the_same_answer(void) {
    reco_query query = question();
    SET(&query, user, "1010");
    CHECK(ask(&query) == RECO_OK);
    reco_hit first[ROOM];
    uint32_t first_count = count;
    memcpy(first, hits, sizeof first);
    for (int i = 0; i < 100; i++) {
        CHECK(ask(&query) == RECO_OK);
        CHECK(count == first_count && memcmp(first, hits, count * sizeof *hits) == 0);
    }
}

/* What a hit's reasons come to; -1 as `*reasons_count` where its source cannot tell. */
static float reasons_of(const reco_query *query, const reco_hit *hit, size_t room, int *reasons_count) {
    reco_query *copy = fenced(query, sizeof *query);
    reco_hit *one = fenced(hit, sizeof *hit);
    reco_reason *reasons = fenced_room(room * sizeof *reasons);
    size_t all = 0;
    int32_t status = reco_model_explain(model, copy, one, reasons, room, &all, &error);
    CHECK(status == RECO_OK || status == RECO_ERROR_UNSUPPORTED || status == RECO_ERROR_ARGUMENT);
    *reasons_count = status == RECO_OK ? (int)all : -1;
    float sum = 0;
    for (size_t i = 0; status == RECO_OK && i < all && i < room; i++) {
        CHECK(reasons[i].row < SHOP_ITEMS && isfinite(reasons[i].contribution));
        if (i > 0) CHECK(reasons[i].contribution <= reasons[i - 1].contribution);
        sum += reasons[i].contribution;
    }
    if (fence_count > FENCES - 64) fences_down();
    return sum;
}

static void the_reasons_of_a_hit_add_up_to_its_score(void) {
    for (int session = 0; session < 2; session++) {
        reco_query query = question();
        query.user = "1010", query.user_length = 4;
        if (session) query.session = "item-4\0item-6", query.session_length = 13;
        query.limit = 5;
        CHECK(ask(&query) == RECO_OK);
        reco_hit asked[ROOM];
        uint32_t asked_count = count;
        memcpy(asked, hits, sizeof asked);
        for (uint32_t i = 0; i < asked_count; i++) {
            int reasons = 0, fewer = 0;
            float sum = reasons_of(&query, &asked[i], ROOM, &reasons);
            if (asked[i].rung > RECO_RUNG_SESSION) CHECK(reasons == 0 || asked[i].rung == RECO_RUNG_SIMILAR);
            if (reasons > 0) CHECK(fabsf(sum - asked[i].score) <= 1e-3f * fmaxf(1, fabsf(asked[i].score)));
            reasons_of(&query, &asked[i], 1, &fewer);
            CHECK(fewer == reasons);
        }
    }
}

static void fields_are_told_for_content_alone(void) {
    reco_query query = question();
    query.user = "1010", query.user_length = 4;
    reco_hit hit = {.row = 0, .rung = RECO_RUNG_PERSONAL};
    reco_field fields[8];
    size_t all = 7;
    CHECK(reco_model_matched_fields(model, &query, &hit, fields, 8, &all, &error) == RECO_OK && all == 0);
    CHECK(reco_model_matched_fields(model, &query, &hit, NULL, 0, NULL, NULL) == RECO_OK);
    CHECK(reco_model_matched_fields(model, NULL, &hit, fields, 8, &all, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_matched_fields(model, &query, NULL, fields, 8, &all, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_matched_fields(model, &query, &hit, NULL, 8, &all, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_matched_fields(NULL, &query, &hit, fields, 8, &all, &error) == RECO_ERROR_HANDLE);
    hit.row = RECO_NO_ROW;
    CHECK(reco_model_matched_fields(model, &query, &hit, fields, 8, &all, &error) == RECO_ERROR_ARGUMENT);
}

static void without_a_ranker_there_are_no_contributions(void) {
    reco_query query = question();
    query.user = "1010", query.user_length = 4, query.time = 1700000000, query.device = "mobile", query.device_length = 6;
    reco_hit hit = {.row = 0, .rung = RECO_RUNG_PERSONAL};
    reco_feature features[4];
    size_t all = 7;
    float expected = 7;
    CHECK(reco_model_contributions(model, &query, &hit, features, 4, &all, &expected, &error) == RECO_OK);
    CHECK(all == 0 && expected == 0);
    CHECK(reco_model_contributions(model, &query, &hit, NULL, 0, NULL, NULL, NULL) == RECO_OK);
    CHECK(reco_model_contributions(model, NULL, &hit, features, 4, &all, &expected, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_contributions(model, &query, NULL, features, 4, &all, &expected, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_contributions(model, &query, &hit, NULL, 4, &all, &expected, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_contributions(NULL, &query, &hit, features, 4, &all, &expected, &error) == RECO_ERROR_HANDLE);
    hit.row = RECO_NO_ROW;
    CHECK(reco_model_contributions(model, &query, &hit, features, 4, &all, &expected, &error) == RECO_ERROR_ARGUMENT);
}

static void explanations_that_make_no_sense_are_refused(void) {
    reco_query query = question();
    query.user = "1010", query.user_length = 4;
    reco_hit hit = {.row = 0, .source = 99, .rung = RECO_RUNG_PERSONAL};
    reco_reason reason;
    size_t all = 7;
    CHECK(reco_model_explain(model, NULL, &hit, &reason, 1, &all, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_explain(model, &query, NULL, &reason, 1, &all, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_explain(model, &query, &hit, NULL, 1, &all, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_explain(model, &query, &hit, &reason, SIZE_MAX, &all, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_explain(NULL, &query, &hit, &reason, 1, &all, &error) == RECO_ERROR_HANDLE);
    CHECK(reco_model_explain(model, &query, &hit, &reason, 1, &all, &error) == RECO_ERROR_ARGUMENT);
    hit.row = RECO_NO_ROW;
    CHECK(reco_model_explain(model, &query, &hit, &reason, 1, NULL, &error) == RECO_ERROR_ARGUMENT);
    hit = (reco_hit){.row = 1, .rung = RECO_RUNG_POPULAR};
    CHECK(reco_model_explain(model, &query, &hit, NULL, 0, &all, NULL) == RECO_OK && all == 0);
    hit.rung = 77;
    CHECK(reco_model_explain(model, &query, &hit, NULL, 0, NULL, &error) == RECO_ERROR_UNSUPPORTED);
}

/* A generator of our own, so that a failure can be repeated. */
static uint64_t state = 88172645463325252u;
static uint32_t any(uint32_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 33) % below;
}

static const void *any_text(size_t *length) {
    static const char *const words[] = {"item-1", "item-29", "1003", "item-", "", "\xFF\xFE", "item-999999999999999",
                                        "-9223372036854775808", "9223372036854775808", "0", "-0", "007", " ", "\t"};
    char text[512];
    size_t used = 0;
    uint32_t parts = any(12);
    for (uint32_t i = 0; i < parts; i++) {
        const char *word = words[any(sizeof words / sizeof *words)];
        size_t size = strlen(word) + (any(8) != 0); /* sometimes without its end */
        memcpy(text + used, word, size);
        used += size;
        if (any(20) == 0) text[used++] = (char)any(256);
    }
    *length = used;
    return any(10) == 0 && used == 0 ? NULL : fenced(text, used);
}

static void a_storm_of_odd_questions_is_weathered(void) {
    for (int i = 0; i < 20000; i++) {
        reco_query query = question();
        query.flags = any(4) == 0 ? any(64) : 0;
        query.limit = any(3) == 0 ? any(UINT32_MAX) : any(40);
        if (any(2)) query.user = any_text(&query.user_length);
        if (any(2)) query.session = any_text(&query.session_length);
        if (any(3) == 0) query.similar_to = any_text(&query.similar_to_length);
        if (any(3) == 0) query.candidates = any_text(&query.candidates_length);
        if (any(3) == 0) query.allow = any_text(&query.allow_length);
        if (any(3) == 0) query.deny = any_text(&query.deny_length);
        if (any(4) == 0) { /* instead of an answer: what a call leaves behind is not always there for the next */
            reco_hit hit = {.row = any(SHOP_ITEMS + 2), .source = (uint16_t)any(20), .rung = (uint16_t)any(7)};
            int reasons;
            reasons_of(&query, &hit, any(ROOM), &reasons);
            continue;
        }
        int32_t status = ask_in_room(&query, any(ROOM));
        CHECK(status == RECO_OK || status == RECO_ERROR_ARGUMENT);
        if (status == RECO_OK && query.candidates_length == 0) check_answer();
    }
}

int main(int argc, char **argv) {
    models = argc > 1 ? argv[1] : "popularity";
    model = shop_model(models);
    RUN(a_stranger_gets_ten_bestsellers);
    RUN(the_limit_is_filled_while_there_are_items);
    RUN(an_answer_never_outgrows_its_room);
    RUN(what_was_bought_is_hidden_unless_asked_for);
    RUN(an_item_nobody_touched_can_be_found);
    RUN(the_session_is_hidden_unless_asked_for);
    RUN(a_session_leads_to_its_own_kind);
    RUN(kinds_and_ages_belong_to_the_session_items);
    RUN(odd_kinds_and_ages_do_no_harm);
    RUN(only_allowed_items_are_proposed);
    RUN(denied_items_are_not_proposed);
    RUN(similar_items_leave_out_the_given_ones);
    RUN(what_is_bought_together_falls_back_to_what_is_similar);
    RUN(without_fallback_a_stranger_gets_nothing);
    RUN(a_ranking_brings_every_candidate_back);
    RUN(a_stranger_can_have_things_ranked_too);
    RUN(a_candidate_may_come_twice);
    RUN(questions_that_make_no_sense_are_refused);
    RUN(arguments_that_make_no_sense_are_refused);
    RUN(a_question_of_another_size_is_refused_or_understood);
    RUN(a_batch_gives_what_single_questions_give);
    RUN(the_same_question_has_the_same_answer);
    RUN(the_reasons_of_a_hit_add_up_to_its_score);
    RUN(without_a_ranker_there_are_no_contributions);
    RUN(explanations_that_make_no_sense_are_refused);
    RUN(fields_are_told_for_content_alone);
    RUN(a_storm_of_odd_questions_is_weathered);
    CHECK(reco_model_close(model) == RECO_OK);
    fences_down();
    return finish("questions");
}
