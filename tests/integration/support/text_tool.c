/*  text_tool.c - shows texts as a terminal gets them, for test_web_text.py: texts that end with NUL
   go in by standard input, and come out likewise.                                     */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/client.h>

int main (void)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t size;
    while ((size = getdelim (&text, &room, '\0', stdin)) > 0) {
        char *shown = zchat_text_display (text, strlen (text), true);
        fwrite (shown, 1, strlen (shown) + 1, stdout);
        free (shown);
    }
    free (text);
    return 0;
}
