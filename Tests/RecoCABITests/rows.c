/* Rows to ids, ids to rows, and attributes: buffers of every size, rows that do not exist. */
#include "fence.h"
#include "shop.h"

static reco_error error;
static reco_model *model;

static void rows_and_ids_are_each_others_inverse(void) {
    uint32_t rows[SHOP_ITEMS], back[SHOP_ITEMS];
    for (uint32_t i = 0; i < SHOP_ITEMS; i++) rows[i] = i;
    char ids[1024];
    size_t length = 0, found = 0;
    CHECK(reco_model_item_ids(model, rows, SHOP_ITEMS, 4, ids, sizeof ids, &length, &error) == RECO_OK);
    CHECK(length > 0 && ids[length - 1] == 0);
    CHECK(reco_model_item_rows(model, fenced(ids, length), length, back, SHOP_ITEMS, &found, &error) == RECO_OK);
    CHECK(found == SHOP_ITEMS && memcmp(rows, back, sizeof rows) == 0);
    /* The last NUL may be missing. */
    CHECK(reco_model_item_rows(model, fenced(ids, length - 1), length - 1, back, SHOP_ITEMS, &found, &error) == RECO_OK);
    CHECK(found == SHOP_ITEMS && memcmp(rows, back, sizeof rows) == 0);
}

static void a_buffer_of_every_size_is_respected(void) {
    const uint32_t rows[] = {3, 0, 29};
    size_t needed = 0;
    CHECK(reco_model_item_ids(model, rows, 3, 4, NULL, 0, &needed, &error) == RECO_ERROR_BUFFER_TOO_SMALL);
    CHECK(needed > 3 * 6 && needed < 3 * 9);
    for (size_t size = 0; size <= needed + 3; size++) {
        size_t length = 0;
        char *buffer = fenced_room(size);
        int32_t status = reco_model_item_ids(model, rows, 3, 4, buffer, size, &length, &error);
        CHECK(status == (size < needed ? RECO_ERROR_BUFFER_TOO_SMALL : RECO_OK));
        CHECK(length == needed);
        if (size > needed) CHECK(buffer[needed] == (char)0xA5);
        status = reco_model_item_attribute(model, "title", 5, rows, 3, 4, buffer, size, &length, &error);
        CHECK(status == (size < length ? RECO_ERROR_BUFFER_TOO_SMALL : RECO_OK));
    }
    CHECK(reco_model_item_ids(model, rows, 3, 4, fenced_room(needed), needed, NULL, &error) == RECO_OK);
    uint32_t *few = fenced_room(2 * sizeof *few);
    size_t count = 0;
    CHECK(reco_model_item_rows(model, "a\0b\0c", 5, few, 2, &count, &error) == RECO_ERROR_BUFFER_TOO_SMALL);
    CHECK(count == 3);
    CHECK(reco_model_item_rows(model, "a\0b\0c", 5, NULL, 0, &count, &error) == RECO_ERROR_BUFFER_TOO_SMALL);
    CHECK(count == 3);
    CHECK(reco_model_item_rows(model, NULL, 0, NULL, 0, &count, &error) == RECO_OK && count == 0);
    CHECK(reco_model_item_ids(model, NULL, 0, 4, NULL, 0, &needed, &error) == RECO_OK && needed == 0);
}

static void a_row_that_does_not_exist_has_an_empty_id(void) {
    const uint32_t rows[] = {SHOP_ITEMS, 0, RECO_NO_ROW, UINT32_MAX, 0x80000000u};
    char ids[64];
    size_t length = 0;
    CHECK(reco_model_item_ids(model, rows, 5, 4, ids, sizeof ids, &length, &error) == RECO_OK);
    CHECK(ids[0] == 0 && ids[1] != 0);
    CHECK(length == 5 + strlen(ids + 1));
    CHECK(reco_model_item_attribute(model, "title", 5, rows, 5, 4, ids, sizeof ids, &length, &error) == RECO_OK);
    CHECK(ids[0] == 0 && ids[1] != 0);
}

static void unknown_ids_have_no_row(void) {
    uint32_t rows[6];
    size_t count = 0;
    const char ids[] = "item-0\0nothing\0\0item-0 \0ITEM-0\0\xFF";
    CHECK(reco_model_item_rows(model, fenced(ids, sizeof ids - 1), sizeof ids - 1, rows, 6, &count, &error) == RECO_OK);
    CHECK(count == 6 && rows[0] < SHOP_ITEMS);
    for (int i = 1; i < 6; i++) CHECK(rows[i] == RECO_NO_ROW);
}

static void rows_are_taken_out_of_hits(void) {
    reco_query query = {.struct_size = sizeof query, .limit = 5};
    reco_hit *hits = fenced_room(5 * sizeof *hits);
    uint32_t count = 0, plain[5];
    CHECK(reco_model_query(model, &query, 1, hits, 5, &count, 1, &error) == RECO_OK && count == 5);
    for (int i = 0; i < 5; i++) plain[i] = hits[i].row;
    char a[128], b[128];
    size_t a_length = 0, b_length = 0;
    CHECK(reco_model_item_ids(model, &hits[0].row, 5, sizeof *hits, a, sizeof a, &a_length, &error) == RECO_OK);
    CHECK(reco_model_item_ids(model, plain, 5, sizeof *plain, b, sizeof b, &b_length, &error) == RECO_OK);
    CHECK(a_length == b_length && memcmp(a, b, a_length) == 0);
}

static void attributes_come_back_as_they_were_given(void) {
    uint32_t rows[3];
    size_t found = 0, length = 0;
    char buffer[256];
    CHECK(reco_model_item_rows(model, "item-0\0item-7\0item-9", 20, rows, 3, &found, &error) == RECO_OK && found == 3);
#define GIVES(name, text)                                                                                     \
    CHECK(reco_model_item_attribute(model, fenced(name, sizeof name - 1), sizeof name - 1, rows, 3, 4, buffer, \
                                    sizeof buffer, &length, &error) == RECO_OK);                              \
    CHECK(length == sizeof text && memcmp(buffer, text, length) == 0)
    GIVES("category", "even\0odd\0odd");
    GIVES("title", "K\xC3\xA4se Nr. 0\0K\xC3\xA4se Nr. 7\0K\xC3\xA4se Nr. 9");
    GIVES("price", "0.5\0"
                   "7.5\0"
                   "9.5");
    GIVES("colours", "\0green\0red|blue");
#undef GIVES
}

static void an_attribute_that_is_none_is_refused(void) {
    const uint32_t row = 0;
    char buffer[64];
    size_t length = 0;
    const char *const names[] = {"colour", "titles", "titl", "price:number", " ", "\xFF"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(reco_model_item_attribute(model, names[i], strlen(names[i]), &row, 1, 4, buffer, sizeof buffer, &length,
                                        &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_attribute(model, "", 0, &row, 1, 4, buffer, 64, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_attribute(model, NULL, 5, &row, 1, 4, buffer, 64, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_attribute(model, "title\0", 6, &row, 1, 4, buffer, 64, &length, &error) == RECO_ERROR_ARGUMENT);
}

static void arguments_that_make_no_sense_are_refused(void) {
    const uint32_t row = 0;
    char buffer[64];
    size_t length = 0;
    uint32_t rows[4];
    const size_t strides[] = {0, 1, 2, 3, SIZE_MAX, SIZE_MAX / 2};
    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++) {
        CHECK(reco_model_item_ids(model, &row, 1, strides[i], buffer, 64, &length, &error) == RECO_ERROR_ARGUMENT);
        CHECK(reco_model_item_attribute(model, "title", 5, &row, 1, strides[i], buffer, 64, &length, &error) ==
              RECO_ERROR_ARGUMENT);
    }
    CHECK(reco_model_item_ids(model, NULL, 1, 4, buffer, 64, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_ids(model, &row, SIZE_MAX, 4, buffer, 64, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_ids(model, &row, 1, 4, NULL, 64, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_ids(model, &row, 1, 4, buffer, SIZE_MAX, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_rows(model, NULL, 4, rows, 4, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_rows(model, "a", SIZE_MAX, rows, 4, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_rows(model, "a", 1, NULL, 4, &length, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_model_item_rows(model, "a", 1, rows, SIZE_MAX, &length, &error) == RECO_ERROR_ARGUMENT);
}

int main(void) {
    model = shop_model("popularity");
    RUN(rows_and_ids_are_each_others_inverse);
    RUN(a_buffer_of_every_size_is_respected);
    RUN(a_row_that_does_not_exist_has_an_empty_id);
    RUN(unknown_ids_have_no_row);
    RUN(rows_are_taken_out_of_hits);
    RUN(attributes_come_back_as_they_were_given);
    RUN(an_attribute_that_is_none_is_refused);
    RUN(arguments_that_make_no_sense_are_refused);
    CHECK(reco_model_close(model) == RECO_OK);
    fences_down();
    return finish("rows");
}
