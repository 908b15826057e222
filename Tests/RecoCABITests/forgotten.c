/* Users who are forgotten by `reco forget` while the model is in place: from the next opening on they are strangers. */
#include "shop.h"

static reco_error error;
static const char *command; /* reco */

static void forget(const char *user) {
    char line[4096];
    snprintf(line, sizeof line, "%s forget %s --config job.yaml 2>said", command, user);
    NEED(system(line) == 0);
}

static reco_model *opened(void) {
    reco_model *model = NULL;
    NEED(shop_open("live.reco", &model) == RECO_OK);
    return model;
}

/* The first hits for a user, with their number in `count`. */
static const reco_hit *ask(reco_model *model, const char *user, uint32_t *count) {
    static reco_hit hits[2][8];
    static int turn;
    turn = 1 - turn;
    memset(hits[turn], 0, sizeof hits[turn]);
    reco_query query = {.struct_size = sizeof query, .limit = 8, .user = user, .user_length = strlen(user)};
    NEED(reco_model_query(model, &query, 1, hits[turn], 8, count, 1, &error) == RECO_OK);
    return hits[turn];
}

static int is_a_stranger(reco_model *model, const char *user) {
    uint32_t count, count_of_nobody;
    const reco_hit *hits = ask(model, user, &count), *of_nobody = ask(model, "nobody", &count_of_nobody);
    return count == count_of_nobody && memcmp(hits, of_nobody, sizeof(reco_hit) * 8) == 0;
}

static void a_forgotten_user_is_a_stranger_from_the_next_opening_on(void) {
    reco_model *before = opened();
    CHECK(!is_a_stranger(before, "1004") && !is_a_stranger(before, "1005"));
    forget("1004");
    reco_model *after = opened();
    CHECK(is_a_stranger(after, "1004") && !is_a_stranger(after, "1005"));
    forget("1005");
    reco_model *later = opened();
    CHECK(is_a_stranger(later, "1004") && is_a_stranger(later, "1005") && !is_a_stranger(later, "1006"));
    CHECK(!is_a_stranger(after, "1005")); /* a handle answers from what it was opened on */
    CHECK(reco_model_close(before) == RECO_OK && reco_model_close(after) == RECO_OK);
    CHECK(reco_model_close(later) == RECO_OK);
}

static void nothing_explains_what_a_forgotten_user_did(void) {
    reco_model *model = opened();
    reco_query query = {.struct_size = sizeof query, .limit = 1, .user = "1006", .user_length = 4};
    reco_hit hit;
    uint32_t count = 0;
    size_t reasons = 0;
    CHECK(reco_model_query(model, &query, 1, &hit, 1, &count, 1, &error) == RECO_OK && count == 1);
    CHECK(reco_model_explain(model, &query, &hit, NULL, 0, &reasons, &error) == RECO_OK && reasons > 0);
    query.user = "1004"; /* as for any stranger */
    CHECK(reco_model_explain(model, &query, &hit, NULL, 0, &reasons, &error) == RECO_ERROR_UNSUPPORTED);
    CHECK(reco_model_close(model) == RECO_OK);
}

static void a_damaged_list_keeps_the_model_from_being_opened(void) {
    FILE *file = fopen("live.reco.forgotten", "w");
    NEED(file && fputs("no list at all", file) >= 0 && fclose(file) == 0);
    reco_model *model = NULL;
    CHECK(reco_model_open("live.reco", 9, &model, &error) == RECO_ERROR_DAMAGED && model == NULL);
    CHECK(strstr(error.message, "live.reco is not opened without its list of forgotten users: ") != NULL);
    forget("1006"); /* writes the whole list anew */
    model = opened();
    CHECK(is_a_stranger(model, "1004") && is_a_stranger(model, "1006") && !is_a_stranger(model, "1007"));
    CHECK(reco_model_close(model) == RECO_OK);
}

int main(int count, char **arguments) {
    NEED(count == 2);
    command = arguments[1];
    FILE *job = fopen("job.yaml", "w");
    NEED(job && fputs("out: live.reco\n", job) >= 0 && fclose(job) == 0);
    shop_save("live.reco", "item-knn");
    RUN(a_forgotten_user_is_a_stranger_from_the_next_opening_on);
    RUN(nothing_explains_what_a_forgotten_user_did);
    RUN(a_damaged_list_keeps_the_model_from_being_opened);
    return finish("forgotten");
}
