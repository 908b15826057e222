/* reco - an embeddable recommender engine.
 *
 * This header is the manual of the C interface; what is not here is not part of it. A first program:
 *
 *     #include <reco.h>
 *     #include <stdio.h>
 *
 *     int main(void) {
 *         reco_error error;
 *         reco_model *model = NULL;
 *         if (reco_model_open("shop.reco", 9, &model, &error) != RECO_OK) {
 *             fprintf(stderr, "%s\n", error.message);
 *             return 1;
 *         }
 *         reco_query query = { .struct_size = sizeof query, .user = "42", .user_length = 2, .limit = 5 };
 *         reco_hit hits[5];
 *         uint32_t count = 0;
 *         if (reco_model_query(model, &query, 1, hits, 5, &count, 1, &error) == RECO_OK)
 *             for (uint32_t i = 0; i < count; i++) printf("row %u scores %g\n", hits[i].row, hits[i].score);
 *         reco_model_close(model);
 *         return 0;
 *     }
 *
 * WORDS
 *   borrowed  The function reads the memory during the call only; it stays yours.
 *   filled    The function writes into memory that you own; its length follows the pointer.
 *   handle    A reco_model or reco_trainer that you give back to its own closing function, once. Handles are numbers
 *             in disguise: one that is NULL, made up or closed already gives RECO_ERROR_HANDLE and nothing worse.
 *   row       Users and items are numbered from 0 inside a model. Rows differ from model to model: keep ids, not rows.
 *   id        Users and items are known by ids: 64-bit integers in decimal or UTF-8 text, 1 to 1024 bytes, without
 *             NUL. They cross this border as text; "42" finds the integer 42.
 *   packed    Several texts in one buffer, each ended by a NUL byte; the last NUL may be missing.
 *
 * ERRORS
 *   A function that can fail returns a status and fills the optional `error`, the last parameter, with the same code,
 *   errno where the system was the cause, and one sentence. There is nothing to free. On failure the memory to be
 *   filled holds nothing of use and nothing else has changed, unless the function says otherwise.
 *   The library never prints, exits, installs signal handlers, changes the environment or calls you back.
 *
 * THREADS AND PROCESSES
 *   A reco_model may be used by any number of threads at once. A reco_trainer belongs to one thread at a time; a
 *   second one gets RECO_ERROR_HANDLE. Opening before fork() is fine: children share the mapped file. Nothing but
 *   training starts threads, and those have ended when it returns.
 */
#ifndef RECO_H
#define RECO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------ status ---- */

enum reco_status {
    RECO_OK = 0,
    RECO_ERROR_ARGUMENT = 1,          /* an argument is missing, out of range or contradicts another */
    RECO_ERROR_HANDLE = 2,            /* the handle is NULL, unknown, closed, or in use by another thread */
    RECO_ERROR_SYSTEM = 3,            /* the operating system refused; see system_error */
    RECO_ERROR_DAMAGED = 4,           /* the file is no model, is cut short or has been altered */
    RECO_ERROR_NEWER_VERSION = 5,     /* the model was written by a newer version than this library reads */
    RECO_ERROR_BUFFER_TOO_SMALL = 6,  /* the length needed has been reported; call again with more room */
    RECO_ERROR_DATA = 7,              /* there is nothing to train on, or a value makes no sense */
    RECO_ERROR_ORDER = 8,             /* the calls came in an order that makes no sense */
    RECO_ERROR_UNSUPPORTED = 9,       /* this model cannot answer that question */
    RECO_ERROR_CANCELLED = 10,        /* the work was cancelled */
    RECO_ERROR_MEMORY = 11            /* memory could not be had */
};

/* What went wrong. Filled by every function that can fail; pass NULL if you do not want to know. */
typedef struct reco_error {
    int32_t code;         /* enum reco_status */
    int32_t system_error; /* errno, or 0 */
    char message[248];    /* one sentence, ended by NUL; "" after success */
} reco_error;

/* "0.1.0": the library's version; never NULL, never freed. */
const char *reco_version(void);

/* ------------------------------------------------------------------------------------------------- model ---- */

/* A trained model that answers questions: an immutable snapshot over one mapped file. */
typedef struct reco_model reco_model;

/* Opens the model file at `path` (borrowed) and stores a handle in `model`.
 *
 * Opening is refreshing: the library remembers which file it has mapped, so opening an unchanged file again takes
 * microseconds and shares the mapping, and opening a path whose file was replaced (by rename, as `reco train` does)
 * gives the new model, while handles of the old one keep answering from it. Open at every request; do not think about
 * reloading. Opening reads the header and the table of sections, not the payload, so its time does not depend on the
 * size of the file.
 *
 * Beside the model there may be a list of users whom it must not know any more, `path` + ".forgotten", which `reco forget`
 * writes. To everybody who opens the model from then on they are strangers. A list that is there and cannot be read is
 * an error (RECO_ERROR_DAMAGED, RECO_ERROR_SYSTEM), for the model alone would show again whom the list hides. */
int32_t reco_model_open(const void *path, size_t path_length, reco_model **model, reco_error *error);

/* Gives the handle back. NULL is fine. The file stays mapped for the next open until it is replaced. */
int32_t reco_model_close(reco_model *model);

/* Reads the whole file and compares every checksum: RECO_OK or RECO_ERROR_DAMAGED. */
int32_t reco_model_verify(reco_model *model, reco_error *error);

/* What a model holds. */
typedef struct reco_model_info {
    uint32_t struct_size; /* set it to sizeof(reco_model_info) before the call */
    uint32_t format_version;
    uint64_t user_count;
    uint64_t item_count;
    uint64_t file_length; /* bytes */
    int64_t latest_event; /* seconds since 1970; INT64_MIN if the events carry no times */
    uint32_t integer_ids; /* enum reco_integer_ids, or-ed: which ids are all 64-bit integers */
    uint32_t reserved;    /* zero */
} reco_model_info;

/* Which kinds of ids a model holds as integers, so that languages with types can give them back as such. */
enum reco_integer_ids {
    RECO_INTEGER_USER_IDS = 1,
    RECO_INTEGER_ITEM_IDS = 2
};

int32_t reco_model_describe(reco_model *model, reco_model_info *info, reco_error *error);

/* ---------------------------------------------------------------------------------------------- questions ---- */

enum {
    RECO_NO_ROW = 0x7FFFFFFF,     /* an id that the model does not know */
    RECO_NO_POSITION = 0x7FFFFFFF /* this hit does not come from `candidates` */
};

/* Flags of a query. */
enum reco_query_flag {
    RECO_SHOW_BOUGHT = 1, /* do not hide what the user has bought (hidden by default when recommending) */
    RECO_HIDE_SEEN = 2,   /* hide everything the user has had any event with, views included */
    RECO_HIDE_BOUGHT = 4, /* hide what was bought where it is shown by default: similar items, ranking */
    RECO_NO_FALLBACK = 8, /* rather a short answer than one filled up from categories and bestsellers */
    RECO_SHOW_SESSION = 16, /* do not hide the session's own items (hidden by default when recommending) */
    RECO_BOUGHT_TOGETHER = 32, /* with `similar_to`: what is bought together with these items first */
    RECO_TEXT_PREFIX = 64,  /* the last word of `text` is unfinished: search as you type */
    RECO_TEXT_IS_ITEM = 128, /* `text` is that of a product, known to the model or not: what resembles it */
    RECO_FILL_UP = 256      /* after what matches `text`, what would be recommended without it */
};

/* Numbers of items that hold for one question alone, under a name ("stock", "price"): they stand in for those that the
 * model file has under that name, item by item, or add a name that it does not have. All pointers are borrowed. */
typedef struct reco_live {
    const void *name; /* of the attribute; one of text, category or tags cannot be live */
    size_t name_length;
    const void *items; /* packed ids, in any order; those that the model does not know are passed over */
    size_t items_length;
    const double *values; /* one for each item; one that is not finite means that the item has none */
    size_t values_count;
} reco_live;

/* A question. Set struct_size to sizeof(reco_query) and leave what you do not use zero. All pointers are borrowed.
 *
 *   recommend   set `user`, `session` or both, or neither (a stranger gets bestsellers)
 *   similar     set `similar_to` to one item or more (a basket); what is similar to all of them comes first
 *   together    set `similar_to` and RECO_BOUGHT_TOGETHER: what is bought together with these items (source
 *               "bought-together"), then what is similar; a model without that source has similar items alone
 *   search      set `text`: the items that match, by words (a model with bm25 or tfidf), by meaning (bert), or both. The
 *               answer has what matches and no more, unless RECO_FILL_UP is set. With `user` or `session` what they
 *               like moves up. RECO_ERROR_UNSUPPORTED if the model holds none of the three
 *   by text     set `text` and RECO_TEXT_IS_ITEM: the neighbours of a product that the model need not know
 *   rank        set `candidates` and `user` and/or `session`: the candidates come back in order of preference. All of
 *               them do, up to the limit (0 = all): those the model does not know come last, with row RECO_NO_ROW.
 *               With `text`, those that match come first
 *
 * To each of these, `filter` adds a condition that every hit meets and `boost` a formula for the score. Both are
 * expressions over the items' attributes; docs/filters.md describes the language:
 *
 *     filter   price < 50 and category in ("shoes", "boots") and not tag("sale") and stock > 0
 *     boost    score * if(tag("new"), 1.2, 1) * exp(-coalesce(age, 90) / 30)
 *
 * One that cannot be understood is RECO_ERROR_ARGUMENT, and the message names the position: "filter, position 14: there
 * is no attribute "prize"; did you mean "price"?". Expressions are written by the program, not by its visitors: a text
 * that comes from a visitor goes into quotes, with its own quotes doubled.
 *
 * An unknown user or item is no error: the answer does without it. The limit is filled, from less and less personal
 * sources (enum reco_rung), as long as the catalogue has items that the query does not exclude. */
typedef struct reco_query {
    uint32_t struct_size;
    uint32_t flags; /* enum reco_query_flag, or-ed */
    uint32_t limit; /* how many hits at most; 0 means 10, when ranking all */
    uint32_t reserved; /* zero */

    const void *user; /* one id */
    size_t user_length;

    const void *session; /* packed item ids: what this visitor did just now, oldest first */
    size_t session_length;
    const uint8_t *session_kinds; /* enum reco_event_kind for each session item; NULL: all views */
    size_t session_kinds_count;
    const float *session_ages; /* how many seconds ago, for each session item; NULL: just now */
    size_t session_ages_count;

    const void *similar_to; /* packed item ids */
    size_t similar_to_length;

    const void *candidates; /* packed item ids to rank; NULL: none are given; an empty list has an empty answer */
    size_t candidates_length;

    const void *allow; /* packed item ids: nothing else is proposed; NULL: everything may be */
    size_t allow_length;

    const void *deny; /* packed item ids that are not proposed */
    size_t deny_length;

    const void *text; /* UTF-8 of any length and quality: invalid bytes count as U+FFFD, a NUL as a space; empty: none */
    size_t text_length;

    const void *filter; /* an expression: nothing is proposed for which it does not hold; NULL: no condition */
    size_t filter_length;

    const void *boost; /* an expression: the score of a hit, from `score` and attributes; NULL: as the model has it */
    size_t boost_length;

    const reco_live *live; /* numbers for `filter` and `boost`, each name once, at most 32; NULL: none */
    size_t live_count;

    float diversity;     /* 0: the best first; up to 1: the more, the less alike are the hits, which then do not stand in
                          * order of score; not when ranking */
    uint32_t reserved_2; /* zero */
    const void *caps;    /* packed texts such as "brand=2": at most 2 hits of a brand; the attribute is a category */
    size_t caps_length;

    int64_t time;       /* when it is asked, seconds since 1970 by the clock of the events, for a ranker that has learned
                         * from hours and days of the week; 0: not said */
    const void *device; /* what the visitor uses, as the events name it ("mobile"); NULL: not said */
    size_t device_length;
} reco_query;

/* The kinds of events that have a fixed number; others get theirs in training. */
enum reco_event_kind {
    RECO_EVENT_INTERACTION = 0,
    RECO_EVENT_VIEW = 1,
    RECO_EVENT_CART = 2,
    RECO_EVENT_PURCHASE = 3,
    RECO_EVENT_LIKE = 4,
    RECO_EVENT_DISLIKE = 5
};

/* How personal a hit is: the rung of the ladder that it comes from. Answers are sorted by rung, then by score. */
enum reco_rung {
    RECO_RUNG_NONE = 0,      /* a candidate that the model does not know */
    RECO_RUNG_PERSONAL = 1,  /* from what this user did, the session included */
    RECO_RUNG_SESSION = 2,   /* from the session alone: the user is unknown or not given */
    RECO_RUNG_SIMILAR = 3,   /* similar to items of the query, the session or the history */
    RECO_RUNG_CATEGORY = 4,  /* popular in the categories of those items */
    RECO_RUNG_POPULAR = 5,   /* popular with everybody */
    RECO_RUNG_MATCHING = 6   /* matches the words of the query; stands before all others */
};

/* One hit of an answer. Scores compare within one source and one rung only. */
typedef struct reco_hit {
    uint32_t row;      /* the item; reco_model_item_ids turns rows into ids */
    float score;
    uint16_t source;   /* which model proposed it; reco_source_name names it */
    uint16_t rung;     /* enum reco_rung */
    uint32_t position; /* when ranking: the place among `candidates`, from 0; else RECO_NO_POSITION */
} reco_hit;

/* Answers `query_count` questions. `hits` is filled: it is divided evenly, so the answer to question i starts at
 * hits[i * (hits_length / query_count)] and has counts[i] hits, at most its limit and at most its share of `hits`.
 * `counts_length` is at least `query_count`. All queries have the same struct_size. A batch gives exactly what the
 * questions give one by one. O(items) for factor models, O(events x neighbours) for neighbour models; no allocation
 * beyond working memory that is kept for the next call. */
int32_t reco_model_query(reco_model *model, const reco_query *queries, size_t query_count, reco_hit *hits,
                         size_t hits_length, uint32_t *counts, size_t counts_length, reco_error *error);

/* One of the user's own items, from the history or the session, and what it adds to a hit's score. */
typedef struct reco_reason {
    uint32_t row;       /* the item */
    float contribution; /* its part of the score; negative where it speaks against */
} reco_reason;

/* Why a hit of the answer to `query` (borrowed, the same as was asked) was recommended: `reasons` is filled with the
 * user's own items and what each adds to the score, the largest part first; together they are the score, as it was
 * before any boost; of a hit of the ranker ("boosted-trees",
 * "mlp-ranker", "wide-deep"), the score of the first of its sources that can tell. For
 * hits of "lightfm", "ncf" and "sasrec", whose scores are no such sum, how alike each of them is to the hit (their
 * cosine).
 * `count` gets how many there are, which may be more than fit. What everybody gets (categories, bestsellers) has no
 * reasons. RECO_ERROR_UNSUPPORTED where the hit's source does not add up the user's events, and for similar items.
 * O(events x scoring one item). */
int32_t reco_model_explain(reco_model *model, const reco_query *query, const reco_hit *hit, reco_reason *reasons,
                           size_t reasons_length, size_t *count, reco_error *error);

/* A field of an item's text and its share in a match. */
typedef struct reco_field {
    char name[72];  /* "title", "brand": UTF-8, ended by 0 */
    float share;    /* its part of what the words in common score, between 0 and 1 */
    uint32_t words; /* how many words of the question it has */
} reco_field;

/* Which fields of a hit's text are like what was asked ("similar title and brand"): `fields` is filled, the largest
 * share first; the shares add up to 1. `query` (borrowed) is the same as was asked: its text, else the items of
 * `similar_to`, else what the user and the session like. `count` gets how many there are, at most 8. None for hits that
 * do not stand there for their content, and where the model holds neither bm25 nor tfidf. O(length of the text). */
int32_t reco_model_matched_fields(reco_model *model, const reco_query *query, const reco_hit *hit, reco_field *fields,
                                  size_t fields_length, size_t *count, reco_error *error);

/* Something that the ranker looks at, and what it adds to a hit's score. */
typedef struct reco_feature {
    char name[72];      /* "als.rank", "item.price": UTF-8, ended by 0; docs/hybrid.md lists them */
    float value;        /* NaN where it was not known */
    float contribution; /* its part of the score; negative where it speaks against */
} reco_feature;

/* Why the ranker gave a hit its score (TreeSHAP): `features` is filled, the largest part first, whichever its sign.
 * `expected` gets the score that a hit would have of which nothing is known; with all contributions it is the score, as
 * it was before any boost. `query` (borrowed) is the same as was asked: RECO_ERROR_ARGUMENT if the hit is not in its
 * answer. `count` gets how many features there are, which may be more than fit; 0 for a hit whose source is not
 * "boosted-trees", and for what RECO_FILL_UP adds to matches. O(cost of the question + trees x leaves x depth^2). */
int32_t reco_model_contributions(reco_model *model, const reco_query *query, const reco_hit *hit,
                                 reco_feature *features, size_t features_length, size_t *count, float *expected,
                                 reco_error *error);

/* The name of a hit's source ("als", "item-knn", "popularity"); "none" for a number that is none. Never freed. */
const char *reco_source_name(uint32_t source);

/* The name of a rung ("personal", "popular"); "none" for a number that is none. Never freed. */
const char *reco_rung_name(uint32_t rung);

/* Rows to ids, packed. `buffer` is filled; `length` gets the bytes used, or needed when the status is
 * RECO_ERROR_BUFFER_TOO_SMALL. A row that does not exist gives an empty id. Rows are read `stride` bytes apart, so
 * that they can be taken out of hits: pass &hits[0].row and sizeof(reco_hit). */
int32_t reco_model_item_ids(reco_model *model, const uint32_t *rows, size_t row_count, size_t stride, void *buffer,
                            size_t buffer_length, size_t *length, reco_error *error);

/* Packed ids to rows. `rows` is filled with as many rows as there are ids, RECO_NO_ROW for unknown ones; `count` gets
 * their number, or the number needed when the status is RECO_ERROR_BUFFER_TOO_SMALL. */
int32_t reco_model_item_rows(reco_model *model, const void *ids, size_t ids_length, uint32_t *rows,
                             size_t rows_length, size_t *count, reco_error *error);

/* An attribute of items ("title", "category", "price") as packed text, tags joined by "|"; as reco_model_item_ids.
 * An item without a value gives an empty text; an attribute that the model does not have is RECO_ERROR_ARGUMENT. */
int32_t reco_model_item_attribute(reco_model *model, const void *name, size_t name_length, const uint32_t *rows,
                                  size_t row_count, size_t stride, void *buffer, size_t buffer_length, size_t *length,
                                  reco_error *error);

/* ----------------------------------------------------------------------------------------------- training ---- */

/* Collects events and items, trains on them, and writes a model file or opens the model in memory. For jobs and for
 * unit tests: training takes memory and time and, unless told otherwise, all processors. */
typedef struct reco_trainer reco_trainer;

int32_t reco_trainer_new(reco_trainer **trainer, reco_error *error);

/* Throws everything away. NULL is fine. Models opened from the trainer stay open. */
int32_t reco_trainer_free(reco_trainer *trainer);

/* Sets an option by name and text: "model" ("als", or several: "als,item-knn", or "auto"), "threads", "seed",
 * "als.factors", "weight.view", "half-life.view" ... as `reco models` lists them. */
int32_t reco_trainer_set(reco_trainer *trainer, const void *name, size_t name_length, const void *value,
                         size_t value_length, reco_error *error);

/* Columns of events, each with `count` entries or NULL. All pointers are borrowed. */
typedef struct reco_events {
    uint32_t struct_size; /* sizeof(reco_events) */
    uint32_t reserved;    /* zero */
    size_t count;
    const void *users; /* packed ids */
    size_t users_length;
    const void *items; /* packed ids */
    size_t items_length;
    const void *kinds; /* packed names: "view", "cart", "purchase", "like", "dislike"; NULL: none is named */
    size_t kinds_length;
    const float *weights; /* quantities or strengths; NULL: all 1 */
    size_t weights_count;
    const int64_t *times; /* seconds since 1970, within 1900 and 2100, or INT64_MIN for none; NULL: no times */
    size_t times_count;
    const void *baskets; /* packed ids of orders or sessions, "" for none; NULL: no event names one */
    size_t baskets_length;
    const void *devices; /* packed: "mobile", "desktop", "" for unknown, at most 255 different; NULL: none is named */
    size_t devices_length;
} reco_events;

/* Adds events, all or none: a bad one is named in the error. May be called again for more. */
int32_t reco_trainer_add_events(reco_trainer *trainer, const reco_events *events, reco_error *error);

/* What was searched for and what was chosen then, each column with `count` entries. All pointers are borrowed. */
typedef struct reco_searches {
    uint32_t struct_size; /* sizeof(reco_searches) */
    uint32_t reserved;    /* zero */
    size_t count;
    const void *texts; /* packed: the words */
    size_t texts_length;
    const void *items; /* packed ids: what was clicked or bought after the search */
    size_t items_length;
    const void *users; /* packed ids, "" for unknown; NULL: nobody is named */
    size_t users_length;
    const int64_t *times; /* seconds since 1970, or INT64_MIN for none, of which no ranker learns; NULL: no times */
    size_t times_count;
} reco_searches;

/* Adds searches, all or none, from which search learns which words mean the same. Searches for items that neither
 * events nor attributes have named by the time of training say nothing. */
int32_t reco_trainer_add_searches(reco_trainer *trainer, const reco_searches *searches, reco_error *error);

/* Adds an attribute of items: packed ids and as many packed values. "category" feeds the fallback by category; a
 * type may follow the name ("price:number", "colours:tags", "brand:category", "title:text"). Items need no events. */
int32_t reco_trainer_add_attribute(reco_trainer *trainer, const void *name, size_t name_length, const void *items,
                                   size_t items_length, const void *values, size_t values_length, reco_error *error);

/* Trains on what has been added. RECO_ERROR_DATA if there are no events, or, for models of content alone ("bm25",
 * "tfidf", "bert"), no items. */
int32_t reco_trainer_train(reco_trainer *trainer, reco_error *error);

/* What the last training had to say, packed: a sentence each about what was left out or did not go as it should ("ncf
 * diverged in epoch 4: epoch 3 was kept; ..."). `buffer` is filled; `length` gets the bytes used, 0 where there was
 * nothing to say, or needed when the status is RECO_ERROR_BUFFER_TOO_SMALL. */
int32_t reco_trainer_notes(reco_trainer *trainer, void *buffer, size_t buffer_length, size_t *length,
                           reco_error *error);

/* Writes the trained model: into a temporary file, then by rename, so that readers see the old model or the new. The file
 * takes the mode, and where it may the owner, of the one whose place it takes. */
int32_t reco_trainer_save(reco_trainer *trainer, const void *path, size_t path_length, reco_error *error);

/* Opens the trained model in memory, without a file. */
int32_t reco_trainer_open_model(reco_trainer *trainer, reco_model **model, reco_error *error);

#ifdef __cplusplus
}
#endif
#endif
