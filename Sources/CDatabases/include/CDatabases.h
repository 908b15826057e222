// The client libraries of databases, found at run time.
//
// Linking them would make `reco` refuse to start where one of them is missing, although most runs read files only; a
// static copy would bring an OpenSSL of its own into the command, which no update of the system would ever reach, and
// would do without the client's authentication plug-ins. So the headers give the types, and dlopen gives the functions.
#pragma once

#include <mariadb/mysql.h>
#include <sqlite3.h>

#define RECO_MARIADB_FUNCTIONS(FUNCTION)                                                                               \
    FUNCTION(mysql_init)                                                                                               \
    FUNCTION(mysql_options)                                                                                            \
    FUNCTION(mysql_real_connect)                                                                                       \
    FUNCTION(mysql_close)                                                                                              \
    FUNCTION(mysql_real_query)                                                                                         \
    FUNCTION(mysql_use_result)                                                                                         \
    FUNCTION(mysql_free_result)                                                                                        \
    FUNCTION(mysql_fetch_row)                                                                                          \
    FUNCTION(mysql_fetch_lengths)                                                                                      \
    FUNCTION(mysql_fetch_fields)                                                                                       \
    FUNCTION(mysql_num_fields)                                                                                         \
    FUNCTION(mysql_get_ssl_cipher)                                                                                     \
    FUNCTION(mysql_get_socket)                                                                                         \
    FUNCTION(mysql_errno)                                                                                              \
    FUNCTION(mysql_error)

#define RECO_SQLITE_FUNCTIONS(FUNCTION)                                                                                \
    FUNCTION(sqlite3_open_v2)                                                                                          \
    FUNCTION(sqlite3_close)                                                                                            \
    FUNCTION(sqlite3_busy_timeout)                                                                                     \
    FUNCTION(sqlite3_exec)                                                                                             \
    FUNCTION(sqlite3_errmsg)                                                                                           \
    FUNCTION(sqlite3_prepare_v2)                                                                                       \
    FUNCTION(sqlite3_stmt_readonly)                                                                                    \
    FUNCTION(sqlite3_step)                                                                                             \
    FUNCTION(sqlite3_finalize)                                                                                         \
    FUNCTION(sqlite3_column_count)                                                                                     \
    FUNCTION(sqlite3_column_name)                                                                                      \
    FUNCTION(sqlite3_column_text)                                                                                      \
    FUNCTION(sqlite3_column_bytes)

#define RECO_MEMBER(name) __typeof__(&name) name;

typedef struct reco_mariadb {
    RECO_MARIADB_FUNCTIONS(RECO_MEMBER)
} reco_mariadb;

typedef struct reco_sqlite {
    RECO_SQLITE_FUNCTIONS(RECO_MEMBER)
} reco_sqlite;

// Fills the table with the functions of a library; 0 where that is missing or too old. It stays loaded.
int reco_load_mariadb(reco_mariadb *functions);
int reco_load_sqlite(reco_sqlite *functions);
