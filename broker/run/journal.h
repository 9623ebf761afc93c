/*  journal.h - longer lines of the log file: the core's decisions, tokens, connections */
#ifndef ZCHAT_JOURNAL_H
#define ZCHAT_JOURNAL_H

#include "admission/tokens.h"
#include "core.h"

/*  Log a note of the core; key and address are those of the peer whose request is being handled,
    or NULL. mono_ms bounds how many refusals are written. No note holds a token. */
void journal_core (const core_note_t *note, const char *key, const char *address, uint64_t mono_ms);

/*  Log what came of reading the file of tokens at path.                       */
void journal_tokens (const tokens_news_t *news, const char *path);

/*  Log that so many replies were dropped, and connections not accepted.       */
void journal_dropped (uint64_t count);
void journal_unaccepted (uint64_t tries);

/*  Log the end, and what was done.                                            */
void journal_stopped (const counters_t *counters);

/*  Log that the last run did not end in order.                                */
void journal_ended_badly (void);

/*  Log which libzmq this is, and whether a peer can end it by a routing id (router.h). */
void journal_libzmq (void);

/*  Less of the disk is free than is good, or that is over.                    */
void journal_disk (bool low, uint64_t free_bytes);

#endif
