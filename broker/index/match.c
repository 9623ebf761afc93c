/*  match.c - whether a text has the words of a query, and where               */
#include "index_private.h"
#include "memory.h"
#include "text.h"

enum { LEAD = 60 }; /* bytes shown before the first place                          */

typedef struct {
    uint8_t size;
    char bytes[TOKEN_WORD_MAX];
} word_t;

typedef struct {
    word_t *words;
    size_t count, capacity;
    bool prefix;
    size_t begin, end; /* the first place                                        */
    bool found;
} phrase_t;

typedef struct {
    word_t word;
    size_t begin, end;
} placed_t;

struct match {
    token_maker_t *maker;
    phrase_t phrases[ZCHAT_SEARCH_WORDS];
    size_t n_phrases;
    size_t longest;
    placed_t *ring; /* the last words of the text, as many as the longest phrase has */
    size_t n_words; /* that came                                                 */
    size_t places[INDEX_FOUND_MAX][2];
    size_t n_places;
};

/*  --- the query --------------------------------------------------------------------- */

static bool phrase_word (void *arg, frame_t word, size_t begin, size_t end)
{
    phrase_t *phrase = arg;
    (void)begin;
    (void)end;
    if (phrase->count == phrase->capacity) {
        phrase->capacity = phrase->capacity ? 2 * phrase->capacity : 4;
        phrase->words = memory_grow (phrase->words, phrase->capacity * sizeof *phrase->words);
    }
    word_t *to = &phrase->words[phrase->count++];
    to->size = (uint8_t)word.size;
    memcpy (to->bytes, word.data, word.size);
    return true;
}

match_t *match_new (token_maker_t *maker, const index_query_t *query)
{
    match_t *match = memory_zero (sizeof *match);
    match->maker = maker;
    match->n_phrases = query->n_terms;
    match->longest = 1;
    for (size_t i = 0; i < query->n_terms; i++) {
        phrase_t *phrase = &match->phrases[i];
        phrase->prefix = query->terms[i].prefix;
        (void)token_each (maker, index_term (query, i), phrase_word, phrase);
        match->longest = phrase->count > match->longest ? phrase->count : match->longest;
    }
    match->ring = memory_zero (match->longest * sizeof *match->ring);
    return match;
}

void match_destroy (match_t **match_p)
{
    match_t *match = *match_p;
    for (size_t i = 0; match && i < match->n_phrases; i++)
        free (match->phrases[i].words);
    if (match)
        free (match->ring);
    free (match);
    *match_p = NULL;
}

bool match_has (const match_t *match, size_t i)
{
    return match->phrases[i].count;
}

bool match_any (const match_t *match)
{
    for (size_t i = 0; i < match->n_phrases; i++)
        if (match_has (match, i))
            return true;
    return false;
}

/*  --- the text ------------------------------------------------------------------------ */

/*  True where the phrase ends with the word that came last.                   */
static bool phrase_ends (const match_t *match, const phrase_t *phrase)
{
    if (!phrase->count || match->n_words < phrase->count)
        return false;
    for (size_t i = 0; i < phrase->count; i++) {
        const word_t *wanted = &phrase->words[phrase->count - 1 - i];
        const word_t *word = &match->ring[(match->n_words - 1 - i) % match->longest].word;
        bool begins = phrase->prefix && i == 0;
        if ((begins ? word->size < wanted->size : word->size != wanted->size) ||
            memcmp (word->bytes, wanted->bytes, wanted->size) != 0)
            return false;
    }
    return true;
}

static bool each_word (void *arg, frame_t word, size_t begin, size_t end)
{
    match_t *match = arg;
    placed_t *placed = &match->ring[match->n_words++ % match->longest];
    placed->word.size = (uint8_t)word.size;
    memcpy (placed->word.bytes, word.data, word.size);
    placed->begin = begin;
    placed->end = end;
    for (size_t i = 0; i < match->n_phrases; i++) {
        phrase_t *phrase = &match->phrases[i];
        if (!phrase_ends (match, phrase))
            continue;
        begin = match->ring[(match->n_words - phrase->count) % match->longest].begin;
        phrase->found = true;
        /*  Words of the query may mean one of the text, and a phrase what others found. */
        size_t last = match->n_places;
        for (; last && begin < match->places[last - 1][1]; last--)
            begin = begin < match->places[last - 1][0] ? begin : match->places[last - 1][0];
        if (last < INDEX_FOUND_MAX) {
            match->places[last][0] = begin;
            match->places[last][1] = end;
            match->n_places = last + 1;
        }
    }
    return true;
}

static bool continues (const char *text, size_t at, size_t size)
{
    return at < size && ((uint8_t)text[at] & 0xC0) == 0x80;
}

/*  The part of the body around the first place, and the places in it.         */
static void hit_fill (const match_t *match, frame_t body, index_hit_t *hit)
{
    const char *text = body.data;
    size_t first = match->n_places ? match->places[0][0] : 0;
    size_t begin = body.size <= ZCHAT_SNIPPET_MAX || first <= LEAD ? 0 : first - LEAD;
    if (body.size > ZCHAT_SNIPPET_MAX && begin + ZCHAT_SNIPPET_MAX > body.size)
        begin = body.size - ZCHAT_SNIPPET_MAX;
    begin = begin > first ? first : begin;
    while (continues (text, begin, body.size))
        begin++;
    /*  With a word, where one begins soon.                                    */
    for (size_t at = begin; begin > 0 && at < first; at++)
        if (text[at] == ' ' || text[at] == '\n') {
            begin = at + 1;
            break;
        }
    size_t end = begin + ZCHAT_SNIPPET_MAX < body.size ? begin + ZCHAT_SNIPPET_MAX : body.size;
    while (end > begin && continues (text, end, body.size))
        end--;
    hit->text_size = end - begin;
    memcpy (hit->text, text + begin, end - begin);
    hit->n_found = 0;
    for (size_t i = 0; i < match->n_places; i++) {
        size_t from = match->places[i][0], to = match->places[i][1];
        if (from < begin || from >= end)
            continue;
        to = to < end ? to : end;
        hit->found[hit->n_found][0] = (uint16_t)(from - begin);
        hit->found[hit->n_found++][1] = (uint16_t)(to - from);
    }
}

bool match_body (match_t *match, frame_t body, index_hit_t *hit)
{
    match->n_words = match->n_places = 0;
    for (size_t i = 0; i < match->n_phrases; i++)
        match->phrases[i].found = false;
    if (!token_each (match->maker, body, each_word, match))
        return false;
    for (size_t i = 0; i < match->n_phrases; i++)
        if (match->phrases[i].count && !match->phrases[i].found)
            return false;
    hit_fill (match, body, hit);
    return true;
}
