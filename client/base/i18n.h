/*  i18n.h - the words of the program in the language of the person

    _("...") is a sentence in the person's language; ngettext where a number decides its form;
    N_("...") marks one that is translated later, by _ (variable). _("") is not for empty strings.
    Sentences are best whole, with %s where a name comes in; where one is put together, its pieces
    stand behind a name, so that a colon can join them. po/ has the catalogs, and scripts/messages
    brings them up to date. Until i18n_begin was called, and in the C locale, all is English. What
    programs read (JSON, lines of zchat listen, exit statuses) is never translated.
*/
#ifndef ZCHAT_BASE_I18N_H
#define ZCHAT_BASE_I18N_H

#include <libintl.h>

#define _(text)  gettext (text)
#define N_(text) text

/*  Choose the language by LC_ALL, LC_MESSAGES, LANG and LANGUAGE, once, before anything is said.
   The catalogs are in $ZCHAT_LOCALEDIR, else where they were installed.           */
void i18n_begin (void);

#endif
