/* Every truncation of a model file and thousands of altered bytes: an error or an answer, never a crash or a hang. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shop.h"

static reco_error error;
static unsigned char *bytes; /* of a good file */
static size_t length;

static void read_model(const char *path) {
    FILE *file = fopen(path, "rb");
    struct stat status;
    NEED(file != NULL && fstat(fileno(file), &status) == 0);
    length = (size_t)status.st_size;
    bytes = malloc(length);
    NEED(bytes != NULL && fread(bytes, 1, length, file) == length);
    fclose(file);
}

static void write_model(const char *path, const unsigned char *content, size_t size) {
    (void)unlink(path); /* a new file each time, as a rename would bring it */
    int file = open(path, O_CREAT | O_WRONLY | O_EXCL, 0644);
    NEED(file >= 0);
    NEED(write(file, content, size) == (ssize_t)size);
    NEED(close(file) == 0);
}

/* Asks whatever can be asked. Answers are whatever they are; rows must be rows, and nothing may crash. */
static int use(const char *path) {
    reco_model *model = NULL;
    if (shop_open(path, &model) != RECO_OK) return 0;
    (void)reco_model_verify(model, &error);
    reco_model_info info = {.struct_size = sizeof info};
    if (reco_model_describe(model, &info, &error) != RECO_OK) return 1;
    reco_query queries[5];
    for (int i = 0; i < 5; i++) queries[i] = (reco_query){.struct_size = sizeof *queries, .limit = 40};
    queries[1].user = "1003", queries[1].user_length = 4;
    queries[2].user = "1004", queries[2].user_length = 4, queries[2].flags = RECO_SHOW_BOUGHT;
    queries[2].session = "item-1\0item-2\0item-9", queries[2].session_length = 20;
    queries[3].similar_to = "item-3\0item-5", queries[3].similar_to_length = 13;
    queries[4].user = "1005", queries[4].user_length = 4;
    queries[4].candidates = "item-3\0item-5\0item-28\0what", queries[4].candidates_length = 26;
    static reco_hit hits[5 * 40];
    static uint32_t rows[64];
    static char text[1 << 16];
    uint32_t counts[5];
    size_t size = 0, count = 0;
    for (int i = 0; i < 5; i++) {
        if (reco_model_query(model, &queries[i], 1, hits, 40, counts, 1, &error) != RECO_OK) continue;
        if (counts[0] > 40) return 2;
        for (uint32_t j = 0; j < counts[0]; j++)
            if (hits[j].row >= info.item_count && hits[j].row != RECO_NO_ROW) return 3;
        (void)reco_model_item_ids(model, &hits[0].row, counts[0], sizeof *hits, text, sizeof text, &size, &error);
        const char *const names[] = {"title", "category", "price", "colours"};
        for (int name = 0; name < 4; name++)
            (void)reco_model_item_attribute(model, names[name], strlen(names[name]), &hits[0].row, counts[0],
                                            sizeof *hits, text, sizeof text, &size, &error);
    }
    (void)reco_model_item_rows(model, "item-3\0item-5\0x", 15, rows, 64, &count, &error);
    return reco_model_close(model) == RECO_OK ? 0 : 4;
}

/* Runs `body` in a process of its own for each of `parts`, and says at which case it was when it died. */
static int *at; /* shared with the child */
static void survive(int parts, int (*body)(int part)) {
    for (int part = 0; part < parts; part++) {
        fflush(NULL);
        pid_t child = fork();
        NEED(child >= 0);
        if (child == 0) {
            alarm(120);
            _exit(body(part));
        }
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) printf("  at case %d, status %#x\n", *at, status);
    }
}

static int truncations(int part) {
    for (size_t size = (size_t)part; size < length; size += 2) {
        *at = (int)size;
        write_model("cut.reco", bytes, size);
        reco_model *model = NULL;
        if (shop_open("cut.reco", &model) != RECO_ERROR_DAMAGED) return 9;
    }
    return 0;
}

static void every_truncation_is_found_out(void) { survive(2, truncations); }

static uint64_t state;
static uint32_t any(uint32_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 33) % below;
}

/* XXH64 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), so that damage gets past the checksums. */
static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }
static uint64_t xxh64(const unsigned char *p, size_t size) {
    const uint64_t p1 = 11400714785074694791u, p2 = 14029467366897019727u, p3 = 1609587929392839161u,
                   p4 = 9650029242287828579u, p5 = 2870177450012600261u;
    const unsigned char *end = p + size;
    uint64_t hash = p5, lane[4] = {p1 + p2, p2, 0, -p1}, word;
    uint32_t half;
    if (size >= 32) {
        for (; p + 32 <= end; p += 32)
            for (int i = 0; i < 4; i++) {
                memcpy(&word, p + 8 * i, 8);
                lane[i] = rotate(lane[i] + word * p2, 31) * p1;
            }
        hash = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) + rotate(lane[3], 18);
        for (int i = 0; i < 4; i++) hash = (hash ^ rotate(lane[i] * p2, 31) * p1) * p1 + p4;
    }
    hash += size;
    for (; p + 8 <= end; p += 8) memcpy(&word, p, 8), hash = rotate(hash ^ rotate(word * p2, 31) * p1, 27) * p1 + p4;
    for (; p + 4 <= end; p += 4) memcpy(&half, p, 4), hash = rotate(hash ^ half * p1, 23) * p2 + p3;
    for (; p < end; p++) hash = rotate(hash ^ *p * p5, 11) * p1;
    hash = (hash ^ hash >> 33) * p2;
    hash = (hash ^ hash >> 29) * p3;
    return hash ^ hash >> 32;
}

/* Makes the checksums of table and header right again, if the header still says where the table is. */
static void repair(unsigned char *copy) {
    uint64_t table, hash;
    uint32_t sections;
    memcpy(&table, copy + 24, 8), memcpy(&sections, copy + 32, 4);
    if (table <= length && sections <= 4096 && sections * (uint64_t)64 <= length - table) {
        hash = xxh64(copy + table, sections * (size_t)64);
        memcpy(copy + 40, &hash, 8);
    }
    hash = xxh64(copy, 56);
    memcpy(copy + 56, &hash, 8);
}

static unsigned char *copy;

static int flip(int part, int cases, int most, int repaired) {
    state = 0x9E3779B97F4A7C15u * (uint64_t)(part + 1 + 100 * repaired);
    for (int i = 0; i < cases; i++) {
        memcpy(copy, bytes, length);
        uint32_t flips = 1 + any((uint32_t)most);
        for (uint32_t j = 0; j < flips; j++) {
            /* Now and then the header or the table, otherwise anywhere. */
            uint64_t table;
            memcpy(&table, bytes + 24, 8);
            uint32_t place = any((uint32_t)length);
            if (any(4) == 0) place = any(64);
            else if (any(4) == 0) place = (uint32_t)table + any((uint32_t)(length - table));
            switch (any(4)) {
            case 0: copy[place] ^= (unsigned char)(1u << any(8)); break;
            case 1: copy[place] = (unsigned char)any(256); break;
            case 2: copy[place] = 0xFF; break;
            default: /* a whole number, large or small */
                for (uint32_t k = 0; k < 4 && place / 4 * 4 + k < length; k++)
                    copy[place / 4 * 4 + k] = (unsigned char)(i % 2 ? 0xFF : any(256));
            }
        }
        if (repaired) repair(copy);
        *at = i;
        write_model("odd.reco", copy, length);
        int problem = use("odd.reco");
        if (problem != 0) return problem;
    }
    return 0;
}

static int flipped_payload(int part) { return flip(part, 1500, 3, 0); }
static int flipped_with_right_checksums(int part) { return flip(part, 2500, 6, 1); }

static void altered_files_do_no_harm(void) { survive(2, flipped_payload); }
static void altered_files_with_right_checksums_do_no_harm(void) { survive(4, flipped_with_right_checksums); }

static void an_altered_payload_is_found_by_verify(void) {
    reco_model *model = NULL;
    memcpy(copy, bytes, length);
    uint64_t table, offset, size;
    uint32_t sections;
    memcpy(&table, bytes + 24, 8), memcpy(&sections, bytes + 32, 4);
    CHECK(sections > 0);
    for (uint32_t i = 0; i < sections; i++) {
        memcpy(&offset, bytes + table + i * 64 + 32, 8), memcpy(&size, bytes + table + i * 64 + 40, 8);
        if (size == 0) continue;
        copy[offset + size / 2] ^= 1;
        write_model("altered.reco", copy, length);
        if (shop_open("altered.reco", &model) == RECO_OK) {
            CHECK(reco_model_verify(model, &error) == RECO_ERROR_DAMAGED);
            CHECK(reco_model_close(model) == RECO_OK);
        }
        copy[offset + size / 2] ^= 1;
    }
}

static void a_newer_format_has_its_own_answer(void) {
    reco_model *model = NULL;
    memcpy(copy, bytes, length);
    uint32_t version = 1000;
    memcpy(copy + 8, &version, 4);
    repair(copy);
    write_model("newer.reco", copy, length);
    CHECK(shop_open("newer.reco", &model) == RECO_ERROR_NEWER_VERSION);
}

static void the_repair_of_checksums_is_right(void) {
    memcpy(copy, bytes, length);
    repair(copy);
    CHECK(memcmp(copy, bytes, length) == 0);
}

int main(int argc, char **argv) {
    at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(at != MAP_FAILED);
    shop_save("shop.reco", argc > 1 ? argv[1] : NULL);
    read_model("shop.reco");
    copy = malloc(length);
    NEED(copy != NULL);
    printf("damage: a model of %zu bytes\n", length);
    RUN(the_repair_of_checksums_is_right);
    RUN(every_truncation_is_found_out);
    RUN(altered_files_do_no_harm);
    RUN(altered_files_with_right_checksums_do_no_harm);
    RUN(an_altered_payload_is_found_by_verify);
    RUN(a_newer_format_has_its_own_answer);
    return finish("damage");
}
