/*  tokens.h - the tokens that prove a name, from a file that may change

    A line each: NAME ID HASH EXPIRES [REMARK], spaces and tabs between; a line whose first word
    begins with # is a remark. HASH is the BLAKE2b-256 of the token's 32 bytes in hex: who reads
    the file learns no token. ID is what a person revokes it by, EXPIRES the Unix time in ms from
    which on it is no longer right, or -.

    A name in the file belongs to its tokens; mistakes take the tokens away, never the names:
    - a line with a name but without a good rest, and a token that expired, open the name to
      nobody, and keep it; only a line without a name counts for nothing;
    - a file that cannot be read, is gone, too large, or has too many lines makes every token
      wrong, and the names of the last good one stay kept. To free them, empty the file. */
#ifndef ZCHAT_TOKENS_H
#define ZCHAT_TOKENS_H

#include "core.h"

typedef struct tokens tokens_t;

enum {
    TOKEN_HASH_SIZE = 32,
    TOKEN_ID_MAX = 16,                     /* bytes of an id, small letters and digits      */
    TOKEN_TEXT_MAX = 2 * ZCHAT_TOKEN_SIZE, /* bytes of a token as text                      */
};

#define TOKEN_NEVER       UINT64_MAX      /* of a token that does not expire                   */
#define TOKEN_EXPIRES_MAX 253402300799999 /* the end of the year 9999, Unix time in ms       */

typedef enum {
    TOKEN_LINE_EMPTY,    /* nothing but a remark                                     */
    TOKEN_LINE_BAD,      /* no name in it                                            */
    TOKEN_LINE_RESERVES, /* a name, and a mistake behind it                          */
    TOKEN_LINE_GOOD,
} token_line_kind_t;

/*  A line that was read; the frames are views of it.                          */
typedef struct {
    frame_t name;
    name_keys_t keys; /* of it                                                     */
    frame_t id;       /* RESERVES: what stands in its place, or empty              */
    uint8_t hash[TOKEN_HASH_SIZE];
    uint64_t expires_ms; /* or TOKEN_NEVER                                            */
    frame_t remark;      /* the rest                                                  */
} token_line_t;

/*  Read a line, without its end. *why: what is wrong with one that is BAD or RESERVES, a static
    sentence.                                                                  */
token_line_kind_t token_line_read (frame_t text, token_line_t *line, const char **why);

/*  The next line of *rest, which is not empty; *rest is what follows it.      */
frame_t token_line_next (frame_t *rest);

/*  The hash that stands in the file for a token.                              */
void token_hash (const uint8_t token[ZCHAT_TOKEN_SIZE], uint8_t hash[TOKEN_HASH_SIZE]);

typedef struct {
    size_t count;    /* tokens, expired ones among them                           */
    size_t bad;      /* lines with a mistake                                      */
    size_t bad_line; /* the first of them, from 1; 0: none                        */
    const char *why; /* what is wrong with it, or with the file: valid until the next reload */
    int error;       /* errno where no token is right because of the file         */
} tokens_news_t;

/*  None yet. path is copied.                                                  */
tokens_t *tokens_new (const char *path);
void tokens_destroy (tokens_t **self_p);

/*  Take the tokens of text instead of those there were. Pure.                 */
void tokens_parse (tokens_t *tokens, frame_t text, tokens_news_t *news);

/*  Read the file again if it has changed since, or may have (watched.h). True: it did, and *news
    says what came of it. That there is no file is no error before there was one. */
bool tokens_reload (tokens_t *tokens, uint64_t wall_ms, tokens_news_t *news);

/*  What a token (64 hex digits in small letters are one, all else is wrong) shows about a name.
    Takes the same time for each of a name's tokens, right or wrong.           */
core_token_t tokens_show (const tokens_t *tokens, const name_keys_t *name, frame_t token,
                          uint64_t wall_ms);

#endif
