/* What a test says: CHECK a condition, RUN a function whose name is a sentence. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

static int checks_failed;
static int tests_run;
static int tests_failed;

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (!(condition)) {                                                                  \
            checks_failed++;                                                                 \
            if (checks_failed <= 20) printf("  %s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                                    \
    } while (0)

/* Nothing can be tested without this. */
#define NEED(condition)                                                            \
    do {                                                                           \
        if (!(condition)) {                                                        \
            printf("  %s:%d: needed: %s\n", __FILE__, __LINE__, #condition);       \
            exit(2);                                                               \
        }                                                                          \
    } while (0)

#define RUN(test)                                                            \
    do {                                                                     \
        int before = checks_failed;                                          \
        test();                                                              \
        tests_run++;                                                         \
        if (checks_failed != before) tests_failed++, printf("  failed: %s\n", #test); \
    } while (0)

static inline int finish(const char *name) {
    printf("%s: %d passed, %d failed\n", name, tests_run - tests_failed, tests_failed);
    return tests_failed == 0 ? 0 : 1;
}

#endif
