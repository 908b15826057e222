/* Memory that ends where a page ends that nobody may touch: reading or writing one byte too many is a crash, in the
   very library that is shipped. */
#ifndef FENCE_H
#define FENCE_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

enum { FENCES = 4096 };
static struct {
    void *start;
    size_t length;
} fences[FENCES];
static int fence_count;

/* `size` bytes, filled with 0xA5, right before a page that cannot be touched. Lives until fences_down. */
static inline void *fenced_room(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t body = (size + page - 1) / page * page;
    char *start = mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(start != MAP_FAILED && fence_count < FENCES);
    NEED(mprotect(start + body, page, PROT_NONE) == 0);
    fences[fence_count].start = start;
    fences[fence_count++].length = body + page;
    memset(start, 0xA5, body);
    return start + body - size;
}

static inline void *fenced(const void *bytes, size_t size) {
    void *copy = fenced_room(size);
    if (size > 0) memcpy(copy, bytes, size);
    return copy;
}

static inline void fences_down(void) {
    while (fence_count > 0) fence_count--, munmap(fences[fence_count].start, fences[fence_count].length);
}

#endif
