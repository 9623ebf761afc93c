/*  tokens.c - the tokens that prove a name, from a file that may change       */
#include "tokens.h"
#include "memory.h"
#include "watched.h"
#include <errno.h>
#include <sodium.h>

enum {
    AGAIN_MS = 200, /* a file that may be changing is read so often at most: reading takes ms */
};

_Static_assert(sizeof ((name_keys_t *)0)->fold == sizeof ((name_keys_t *)0)->look,
               "each is a key to look for");
_Static_assert((int)TOKEN_HASH_SIZE <= (int)crypto_generichash_BYTES_MAX, "BLAKE2b makes it");

typedef struct {
    uint8_t hash[TOKEN_HASH_SIZE];
    uint64_t expires_ms;
    bool opens; /* false: it only keeps its name                               */
} token_t;

/*  A key of the name of a token; where both keys are the same there is one entry. */
typedef struct {
    char *key;
    size_t token;
    bool fold; /* it is the name's fold, not its look                          */
} entry_t;

typedef struct {
    token_t *tokens;
    size_t n_tokens, room;
    entry_t *entries; /* two a token at most, sorted by key                    */
    size_t n_entries;
} list_t;

struct tokens {
    watched_t *file;
    list_t list;
    bool right; /* false: the list only keeps its names                        */
};

static void list_clear (list_t *list)
{
    for (size_t i = 0; i < list->n_entries; i++)
        free (list->entries[i].key);
    free (list->entries);
    free (list->tokens);
    *list = (list_t){0};
}

tokens_t *tokens_new (const char *path)
{
    tokens_t *tokens = memory_zero (sizeof *tokens);
    tokens->file = watched_new (path, ZCHAT_TOKENS_FILE_MAX, AGAIN_MS);
    return tokens;
}

void tokens_destroy (tokens_t **self_p)
{
    if (*self_p) {
        watched_destroy (&(*self_p)->file);
        list_clear (&(*self_p)->list);
        free (*self_p);
        *self_p = NULL;
    }
}

void token_hash (const uint8_t token[ZCHAT_TOKEN_SIZE], uint8_t hash[TOKEN_HASH_SIZE])
{
    crypto_generichash (hash, TOKEN_HASH_SIZE, token, ZCHAT_TOKEN_SIZE, NULL, 0);
}

/*  --- a line ----------------------------------------------------------------  */

static bool blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/*  Take the first word off a line; empty where there is none.                 */
static frame_t word_take (frame_t *line)
{
    const char *at = line->data;
    size_t begin = 0, end;
    while (begin < line->size && blank (at[begin]))
        begin++;
    for (end = begin; end < line->size && !blank (at[end]); end++)
        continue;
    *line = frame_of (at + end, line->size - end);
    return frame_of (at + begin, end - begin);
}

/*  Hex digits in small letters, so many bytes exactly.                        */
static bool hex_read (frame_t text, uint8_t *bytes, size_t size)
{
    const char *digits = text.data;
    if (text.size != 2 * size)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!(digits[i] >= '0' && digits[i] <= '9') && !(digits[i] >= 'a' && digits[i] <= 'f'))
            return false;
    return sodium_hex2bin (bytes, size, digits, text.size, NULL, NULL, NULL) == 0;
}

static bool id_good (frame_t id)
{
    const char *bytes = id.data;
    for (size_t i = 0; i < id.size; i++)
        if (!(bytes[i] >= '0' && bytes[i] <= '9') && !(bytes[i] >= 'a' && bytes[i] <= 'z'))
            return false;
    return id.size >= 1 && id.size <= TOKEN_ID_MAX;
}

static bool expires_read (frame_t text, uint64_t *expires_ms)
{
    const char *digits = text.data;
    uint64_t value = 0;
    if (frame_is (text, "-")) {
        *expires_ms = TOKEN_NEVER;
        return true;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (digits[i] < '0' || digits[i] > '9' || value > TOKEN_EXPIRES_MAX / 10)
            return false;
        value = value * 10 + (uint64_t)(digits[i] - '0');
    }
    *expires_ms = value;
    return text.size && value <= TOKEN_EXPIRES_MAX;
}

token_line_kind_t token_line_read (frame_t text, token_line_t *line, const char **why)
{
    frame_t rest = text;
    line->name = word_take (&rest);
    if (!line->name.size || *(const char *)line->name.data == '#')
        return TOKEN_LINE_EMPTY;
    char composed[ZCHAT_NAME_MAX];
    if (name_check (name_compose (line->name, composed), &line->keys, why) != ZCHAT_OK)
        return TOKEN_LINE_BAD;
    line->id = word_take (&rest);
    frame_t hash = word_take (&rest), expires = word_take (&rest);
    line->remark = rest;
    if (!id_good (line->id))
        *why = "behind the name stands the token's id, up to 16 small letters and digits";
    else if (!hex_read (hash, line->hash, sizeof line->hash))
        *why = "behind the id stands the token's hash, 64 hex digits in small letters";
    else if (!expires_read (expires, &line->expires_ms))
        *why = "behind the hash stands when it expires, Unix time in ms, or -";
    else
        return TOKEN_LINE_GOOD;
    return TOKEN_LINE_RESERVES;
}

frame_t token_line_next (frame_t *rest)
{
    const char *at = rest->data, *stop = memchr (at, '\n', rest->size);
    size_t size = stop ? (size_t)(stop - at) : rest->size;
    size_t taken = stop ? size + 1 : size;
    *rest = frame_of (at + taken, rest->size - taken);
    return frame_of (at, size);
}

/*  --- the list --------------------------------------------------------------  */

static int entry_order (const void *a, const void *b)
{
    return strcmp (((const entry_t *)a)->key, ((const entry_t *)b)->key);
}

static void entry_add (list_t *list, const char *key, bool fold)
{
    list->entries[list->n_entries++] =
        (entry_t){.key = memory_string (key, strlen (key)), .token = list->n_tokens, .fold = fold};
}

static void token_add (list_t *list, const token_line_t *line, bool opens)
{
    if (list->n_tokens == list->room) {
        list->room = list->room ? 2 * list->room : 16;
        list->tokens = memory_grow (list->tokens, list->room * sizeof *list->tokens);
        list->entries = memory_grow (list->entries, 2 * list->room * sizeof *list->entries);
    }
    entry_add (list, line->keys.fold, true);
    if (strcmp (line->keys.fold, line->keys.look) != 0)
        entry_add (list, line->keys.look, false);
    token_t *token = &list->tokens[list->n_tokens++];
    *token = (token_t){.opens = opens};
    if (opens) {
        memcpy (token->hash, line->hash, sizeof token->hash);
        token->expires_ms = line->expires_ms;
    }
}

static void bad_note (tokens_news_t *news, size_t number, const char *why)
{
    if (!news->bad++) {
        news->bad_line = number;
        news->why = why;
    }
}

void tokens_parse (tokens_t *tokens, frame_t text, tokens_news_t *news)
{
    token_line_t line;
    list_t list = {0};
    size_t number = 0;
    const char *why = "";
    *news = (tokens_news_t){0};
    while (text.size) {
        token_line_kind_t kind = token_line_read (token_line_next (&text), &line, &why);
        number++;
        if (kind == TOKEN_LINE_BAD || kind == TOKEN_LINE_RESERVES)
            bad_note (news, number, why);
        if (kind != TOKEN_LINE_RESERVES && kind != TOKEN_LINE_GOOD)
            continue;
        if (list.n_tokens == ZCHAT_TOKENS_MAX) {
            /*  Which names the rest would keep is not known: as if nothing were.  */
            list_clear (&list);
            tokens->right = false;
            *news = (tokens_news_t){.error = EFBIG, .why = "more tokens than this broker keeps"};
            return;
        }
        token_add (&list, &line, kind == TOKEN_LINE_GOOD);
        news->count += kind == TOKEN_LINE_GOOD;
    }
    if (list.n_entries)
        qsort (list.entries, list.n_entries, sizeof *list.entries, entry_order);
    list_clear (&tokens->list);
    tokens->list = list;
    tokens->right = true;
}

bool tokens_reload (tokens_t *tokens, uint64_t wall_ms, tokens_news_t *news)
{
    char *text;
    size_t size;
    int error;
    watched_sight_t sight = watched_look (tokens->file, wall_ms, &text, &size, &error);
    if (sight == WATCHED_SAME)
        return false;
    if (!error) {
        tokens_parse (tokens, frame_of (text, size), news);
        free (text);
        return sight == WATCHED_CHANGED;
    }
    *news = (tokens_news_t){.error = error, .why = watched_why (tokens->file)};
    tokens->right = false;
    /*  Where no names are kept, no file is as good as an empty one.           */
    return sight == WATCHED_CHANGED && (error != ENOENT || tokens->list.n_tokens);
}

/*  The first entry whose key is not before this one.                          */
static size_t entry_find (const list_t *list, const char *key)
{
    size_t low = 0, high = list->n_entries;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp (list->entries[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

core_token_t tokens_show (const tokens_t *tokens, const name_keys_t *name, frame_t token,
                          uint64_t wall_ms)
{
    const char *const keys[] = {name->fold, name->fold, name->look};
    const list_t *list = &tokens->list;
    uint8_t bytes[ZCHAT_TOKEN_SIZE] = {0}, hash[TOKEN_HASH_SIZE];
    bool kept = false, right = false;
    bool read = hex_read (token, bytes, sizeof bytes);
    token_hash (bytes, hash);
    sodium_memzero (bytes, sizeof bytes);
    /*  The tokens of the name itself come first: one of a name that only looks the same (files may
        hold both, from before that was one name) opens the other no more.     */
    for (size_t i = 0; i < 3 && !(i == 1 && kept); i++)
        for (size_t at = entry_find (list, keys[i]);
             at < list->n_entries && strcmp (list->entries[at].key, keys[i]) == 0; at++) {
            if (i == 0 && !list->entries[at].fold)
                continue;
            const token_t *one = &list->tokens[list->entries[at].token];
            bool same = sodium_memcmp (hash, one->hash, sizeof hash) == 0;
            kept = true;
            right |= same & one->opens & (wall_ms < one->expires_ms);
        }
    return !kept                            ? CORE_TOKEN_NONE
           : right && read && tokens->right ? CORE_TOKEN_RIGHT
                                            : CORE_TOKEN_WRONG;
}
