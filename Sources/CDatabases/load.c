#include "CDatabases.h"

#include <dlfcn.h>

// A function pointer and what dlsym returns have the same size and form wherever there is dlsym.
#define LOAD(name)                                                                                                     \
    *(void **)&functions->name = dlsym(library, #name);                                                               \
    if (!functions->name) return 0;

int reco_load_mariadb(reco_mariadb *functions) {
    void *library = dlopen("libmariadb.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!library) return 0;
    RECO_MARIADB_FUNCTIONS(LOAD)
    return 1;
}

int reco_load_sqlite(reco_sqlite *functions) {
    void *library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) return 0;
    RECO_SQLITE_FUNCTIONS(LOAD)
    return 1;
}
