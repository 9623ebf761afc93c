/*  token_file.h - the file of tokens as a command changes it: whole or not at all, one at a time */
#ifndef ZCHAT_TOKEN_FILE_H
#define ZCHAT_TOKEN_FILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct token_file token_file_t;

/*  Open the file of tokens in the folder data, which must be there; the file need not. exclusive:
    wait until no other process has opened it so, and keep others out until it is closed. -1 and
    *file; or the exit status, and it was said why.                            */
int token_file_open (const char *data, bool exclusive, token_file_t **file);
void token_file_close (token_file_t **self_p);

/*  Its path, and its text, size bytes.                                        */
const char *token_file_path (const token_file_t *file);
const char *token_file_text (const token_file_t *file, size_t *size);

/*  Put text in its place, durably, with mode 0600, for the owner of the folder. -1, or the exit
    status, and it was said why; the old one is then still there.              */
int token_file_put (token_file_t *file, const char *text, size_t size);

#endif
