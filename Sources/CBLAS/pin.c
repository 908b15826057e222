/* OpenBLAS reads its settings from the environment when it is loaded and then starts one thread per core. Inside a
   web server's worker neither is wanted. Linked statically, these definitions stand in for the archive's own
   openblas_env.o (same eight functions, OpenBLAS 0.3): one thread, whatever the environment says. Linked dynamically,
   the constructor below shrinks the pool as soon as we are loaded. */
#include "include/CBLAS.h"

int openblas_verbose(void) { return 0; }
unsigned int openblas_block_factor(void) { return 0; }
int openblas_thread_timeout(void) { return 0; }
int openblas_num_threads_env(void) { return 1; }
int openblas_goto_num_threads_env(void) { return 1; }
int openblas_omp_num_threads_env(void) { return 1; }
int openblas_omp_adaptive_env(void) { return 0; }
void openblas_read_env(void) {}

/* Only where there is something to shrink: when linked statically this may run before OpenBLAS's own constructor, and
   setting a number then makes it start a thread and crash later. */
__attribute__((constructor)) static void pin_to_one_thread(void) {
    if (openblas_get_num_threads() > 1) openblas_set_num_threads(1);
}
