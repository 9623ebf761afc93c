/*  token.c - the tokenizer "zchat", which is unicode61 with scopes             */
#include "token.h"
#include "memory.h"
#include "text.h"

#include <utf8proc.h>

enum {
    FOLDED_MAX = 32,    /* code points that one becomes: U+FDFA is 18             */
    TABLE_SIZE = 0x800, /* code points of two bytes, which are looked up          */
    TABLE_BYTES = 7,
    TOKEN_MAX = TOKEN_SCOPE_MAX + 2 + TOKEN_WORD_MAX
};

typedef struct {
    uint8_t size;
    char bytes[TABLE_BYTES];
} folded_t;

struct token_maker {
    fts5_tokenizer inner; /* unicode61                                           */
    void *inner_arg;
    Fts5Tokenizer *words; /* an instance of it, for token_each                   */
    folded_t table[TABLE_SIZE];
};

/*  --- one code point ----------------------------------------------------------- */

static size_t fold_slowly (uint32_t codepoint, char *bytes, size_t max)
{
    utf8proc_int32_t folded[FOLDED_MAX];
    int class = 0;
    utf8proc_ssize_t count =
        utf8proc_decompose_char ((utf8proc_int32_t)codepoint, folded, FOLDED_MAX,
                                 UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                     UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
                                 &class);
    size_t size = 0;
    for (utf8proc_ssize_t i = 0; i < count && i < FOLDED_MAX; i++) {
        char one[4];
        size_t bytes_of_one = text_encode ((uint32_t)folded[i], one);
        if (size + bytes_of_one > max)
            break;
        memcpy (bytes + size, one, bytes_of_one);
        size += bytes_of_one;
    }
    return size;
}

/*  Write what a word is compared by; returns its size, TOKEN_WORD_MAX at most. */
static size_t word_fold (const token_maker_t *maker, const char *word, size_t size, char *folded)
{
    size_t made = 0;
    for (size_t at = 0; at < size && made < TOKEN_WORD_MAX;) {
        uint8_t byte = (uint8_t)word[at];
        if (byte < 0x80) {
            folded[made++] = word[at++];
            continue;
        }
        uint32_t codepoint;
        char slow[4 * FOLDED_MAX];
        const char *bytes = slow;
        at += text_decode (frame_of (word + at, size - at), &codepoint);
        size_t more;
        if (codepoint < TABLE_SIZE) {
            bytes = maker->table[codepoint].bytes;
            more = maker->table[codepoint].size;
        } else
            more = fold_slowly (codepoint, slow, sizeof slow);
        if (made + more > TOKEN_WORD_MAX)
            break;
        memcpy (folded + made, bytes, more);
        made += more;
    }
    return made;
}

/*  --- what SQLite's Unicode does not know ------------------------------------------ */

/*  True where the code point may be part of a word: letters, digits, marks, private use. */
static bool of_a_word (uint32_t codepoint)
{
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t)codepoint);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) ||
           category == UTF8PROC_CATEGORY_CO;
}

/*  The end of what begins at from and holds no younger sign, which unicode61 would take for a
   letter (most pictures); *next: behind that sign.                                  */
static size_t segment_end (const char *text, size_t size, size_t from, size_t *next)
{
    for (size_t at = from; at < size;) {
        uint32_t codepoint;
        if ((uint8_t)text[at] < 0xE0) {
            at++;
            continue;
        }
        size_t bytes = text_decode (frame_of (text + at, size - at), &codepoint);
        if (!of_a_word (codepoint)) {
            *next = at + bytes;
            return at;
        }
        at += bytes;
    }
    *next = size;
    return size;
}

typedef int give_t (void *, int, const char *, int, int, int);

/*  Have unicode61 look at each such segment; *base: where it begins in the text. */
static int segments_run (const token_maker_t *maker, Fts5Tokenizer *words, int flags,
                         const char *text, size_t size, size_t *base, give_t *give, void *arg)
{
    int rc = SQLITE_OK;
    size_t before = *base;
    for (size_t at = 0, next; rc == SQLITE_OK && at < size; at = next) {
        size_t end = segment_end (text, size, at, &next);
        *base = before + at;
        if (end > at)
            rc = maker->inner.xTokenize (words, arg, flags, text + at, (int)(end - at), give);
    }
    return rc;
}

/*  --- FTS5 ---------------------------------------------------------------------- */

typedef struct {
    const token_maker_t *maker;
    give_t *give; /* FTS5's                                                     */
    void *arg;
    char token[TOKEN_MAX]; /* it begins with the scope                            */
    size_t scope;          /* and its size                                        */
    size_t base;           /* where what unicode61 looks at begins                 */
} scoped_t;

typedef struct {
    Fts5Tokenizer *inner;
    const token_maker_t *maker;
} tokenizer_t;

static int tokenizer_new (void *arg, const char **args, int n_args, Fts5Tokenizer **made)
{
    static const char *inner_args[] = {"remove_diacritics", "2"};
    token_maker_t *maker = arg;
    (void)args;
    (void)n_args;
    tokenizer_t *self = memory_zero (sizeof *self);
    self->maker = maker;
    int rc = maker->inner.xCreate (maker->inner_arg, inner_args, 2, &self->inner);
    if (rc != SQLITE_OK) {
        free (self);
        return rc;
    }
    *made = (Fts5Tokenizer *)self;
    return SQLITE_OK;
}

static void tokenizer_free (Fts5Tokenizer *made)
{
    tokenizer_t *self = (tokenizer_t *)made;
    self->maker->inner.xDelete (self->inner);
    free (self);
}

static int scoped_give (void *arg, int flags, const char *word, int size, int begin, int end)
{
    scoped_t *scoped = arg;
    scoped->token[scoped->scope] = '/';
    size_t made = word_fold (scoped->maker, word, (size_t)size, scoped->token + scoped->scope + 1);
    if (!made)
        return SQLITE_OK;
    return scoped->give (scoped->arg, flags, scoped->token, (int)(scoped->scope + 1 + made),
                         (int)scoped->base + begin, (int)scoped->base + end);
}

/*  The tags of the first line, whose end is end.                              */
static int tags_give (scoped_t *scoped, const char *text, size_t end)
{
    size_t at = scoped->scope;
    scoped->token[scoped->scope] = scoped->token[scoped->scope + 1] = '/';
    while (at < end) {
        const char *tag = text + ++at;
        size_t size = 0;
        while (at + size < end && tag[size] != ' ')
            size++;
        if (size > TOKEN_TAG_MAX)
            return SQLITE_ERROR;
        memcpy (scoped->token + scoped->scope + 2, tag, size);
        int rc = size ? scoped->give (scoped->arg, 0, scoped->token,
                                      (int)(scoped->scope + 2 + size), (int)at, (int)(at + size))
                      : SQLITE_OK;
        if (rc != SQLITE_OK)
            return rc;
        at += size;
    }
    return SQLITE_OK;
}

static int tokenizer_run (Fts5Tokenizer *made, void *arg, int flags, const char *text, int size,
                          give_t *give)
{
    const tokenizer_t *self = (tokenizer_t *)made;
    const char *line = size > 0 ? memchr (text, '\n', (size_t)size) : NULL;
    size_t end = line ? (size_t)(line - text) : 0, scope = 0;
    while (scope < end && text[scope] != ' ')
        scope++;
    if (!line || scope == 0 || scope > TOKEN_SCOPE_MAX)
        return SQLITE_ERROR;
    scoped_t scoped = {
        .maker = self->maker, .give = give, .arg = arg, .scope = scope, .base = end + 1};
    memcpy (scoped.token, text, scope);
    int rc = tags_give (&scoped, text, end);
    if (rc == SQLITE_OK)
        rc = segments_run (self->maker, self->inner, flags, text + end + 1, (size_t)size - end - 1,
                           &scoped.base, scoped_give, &scoped);
    return rc;
}

static fts5_api *api_of (sqlite3 *db)
{
    fts5_api *api = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2 (db, "SELECT fts5 (?1)", -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer (statement, 1, (void *)&api, "fts5_api_ptr", NULL);
        (void)sqlite3_step (statement);
    }
    sqlite3_finalize (statement);
    return api;
}

token_maker_t *token_maker_new (sqlite3 *db)
{
    static fts5_tokenizer ours = {tokenizer_new, tokenizer_free, tokenizer_run};
    static const char *inner_args[] = {"remove_diacritics", "2"};
    token_maker_t *maker = memory_zero (sizeof *maker);
    fts5_api *api = api_of (db);
    for (uint32_t i = 0x80; i < TABLE_SIZE; i++)
        maker->table[i].size = (uint8_t)fold_slowly (i, maker->table[i].bytes, TABLE_BYTES);
    if (!api ||
        api->xFindTokenizer (api, "unicode61", &maker->inner_arg, &maker->inner) != SQLITE_OK ||
        maker->inner.xCreate (maker->inner_arg, inner_args, 2, &maker->words) != SQLITE_OK ||
        api->xCreateTokenizer (api, "zchat", maker, &ours, NULL) != SQLITE_OK)
        token_maker_destroy (&maker);
    return maker;
}

void token_maker_destroy (token_maker_t **maker_p)
{
    token_maker_t *maker = *maker_p;
    if (maker && maker->words)
        maker->inner.xDelete (maker->words);
    free (maker);
    *maker_p = NULL;
}

/*  --- words of a text ------------------------------------------------------------ */

typedef struct {
    const token_maker_t *maker;
    token_word_t *word;
    void *arg;
    size_t base; /* as in scoped_t                                              */
} each_t;

static int each_give (void *arg, int flags, const char *word, int size, int begin, int end)
{
    const each_t *each = arg;
    char folded[TOKEN_WORD_MAX];
    (void)flags;
    size_t made = word_fold (each->maker, word, (size_t)size, folded);
    return !made || each->word (each->arg, frame_of (folded, made), each->base + (size_t)begin,
                                each->base + (size_t)end)
               ? SQLITE_OK
               : SQLITE_ABORT;
}

bool token_each (token_maker_t *maker, frame_t text, token_word_t *word, void *arg)
{
    each_t each = {maker, word, arg, 0};
    return segments_run (maker, maker->words, FTS5_TOKENIZE_DOCUMENT, text.size ? text.data : "",
                         text.size, &each.base, each_give, &each) == SQLITE_OK;
}
