/* What loading the library does to a process: nothing but take a little memory. Usage: load LIBRARY */
#include <dirent.h>
#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "check.h"

static const char *library;
static void *handle;

static int threads(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    NEED(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* Counted page by page: the sum in /proc/self/statm lags behind by up to a megabyte, depending on the processors that the
 * process has been on. */
static long resident_kilobytes(void) {
    long size = -1;
    char line[256];
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    NEED(file != NULL);
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "Rss: %ld kB", &size) != 1) {}
    fclose(file);
    NEED(size >= 0);
    return size;
}

static void loading_starts_no_thread(void) {
    /* Whoever runs the tests may ignore some signals, and children inherit that. */
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    CHECK(threads() == 1);
    long memory = resident_kilobytes();
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (handle == NULL) printf("  %s\n", dlerror());
    NEED(handle != NULL);
    double milliseconds = (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
    memory = resident_kilobytes() - memory;
    printf("load: %.2f ms, %ld KiB resident, %d thread(s)\n", milliseconds, memory, threads());
    CHECK(threads() == 1);
    CHECK(memory < 5 * 1024);
}

static void loading_leaves_signals_alone(void) {
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0) CHECK(action.sa_handler == SIG_DFL);
    }
}

static void the_library_stays_when_it_is_closed(void) {
    void *function = dlsym(handle, "reco_version");
    CHECK(function != NULL);
    const char *(*version)(void);
    memcpy(&version, &function, sizeof version);
    const char *before = version();
    CHECK(dlclose(handle) == 0);
    CHECK(strcmp(version(), before) == 0); /* still mapped, or this would crash */
    CHECK(dlopen(library, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD) != NULL);
}

static void nothing_but_reco_can_be_found_in_it(void) {
    const char *const hidden[] = {"cblas_sgemm", "openblas_set_num_threads", "LAPACKE_sgesdd", "swift_retain",
                                  "swift_allocObject", "_gfortran_st_write"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) CHECK(dlsym(handle, hidden[i]) == NULL);
}

int main(int argc, char **argv) {
    NEED(argc == 2);
    library = argv[1];
    RUN(loading_starts_no_thread);
    RUN(loading_leaves_signals_alone);
    RUN(the_library_stays_when_it_is_closed);
    RUN(nothing_but_reco_can_be_found_in_it);
    return finish("load");
}
