/*  direct_seal.c - how a direct message was sealed, in words */
#include "direct.h"
#include "i18n.h"
#include <stdio.h>
#include <time.h>

const char *direct_mark (const people_opened_t *opened)
{
    static const char *const marks[] = {
        [PEOPLE_PLAIN] = N_ ("not sealed"),
        [PEOPLE_UNSEALED] = "NOT SEALED",
        [PEOPLE_SEALED] = N_ ("sealed"),
        [PEOPLE_SEALED_FRESH] = N_ ("sealed by a NEW KEY"),
        [PEOPLE_SEALED_FORMER] = N_ ("sealed by a former key"),
        [PEOPLE_STRANGE] = N_ ("sealed by SOMEBODY ELSE"),
        [PEOPLE_MISLED] = N_ ("sealed for ANOTHER conversation"),
        [PEOPLE_SHUT] = N_ ("sealed"),
    };
    static char text[128];
    time_t when = (time_t)(opened->time_ms / 1000);
    struct tm parts;
    char date[64];
    const char *mark = _ (marks[opened->seen]);
    if (opened->seen == PEOPLE_SEALED && opened->verified)
        mark = _ ("sealed, verified");
    if (!opened->time_far)
        return mark;
    if (!localtime_r (&when, &parts) || strftime (date, sizeof date, "%Y-%m-%d %H:%M", &parts) == 0)
        snprintf (date, sizeof date, _ ("another time"));
    snprintf (text, sizeof text, _ ("%s, WRITTEN %s"), mark, date);
    return text;
}

const char *direct_seal (const people_opened_t *opened)
{
    static const char *const words[] = {
        [PEOPLE_PLAIN] = "plain",          [PEOPLE_UNSEALED] = "unsealed",
        [PEOPLE_SEALED] = "sealed",        [PEOPLE_SEALED_FRESH] = "fresh",
        [PEOPLE_SEALED_FORMER] = "former", [PEOPLE_STRANGE] = "strange",
        [PEOPLE_MISLED] = "misled",        [PEOPLE_SHUT] = "shut",
    };
    if (opened->seen == PEOPLE_SEALED && opened->verified)
        return "verified";
    return words[opened->seen];
}

bool direct_sealed (const people_opened_t *opened)
{
    return opened->seen != PEOPLE_PLAIN && opened->seen != PEOPLE_UNSEALED;
}

const char *direct_instead (const people_opened_t *opened)
{
    switch (opened->seen) {
    case PEOPLE_STRANGE:
        return N_ (
            "(not shown: it was sealed by a key that is not theirs; somebody else wrote it)");
    case PEOPLE_MISLED:
        return N_ ("(not shown: it was written for another conversation, and put here)");
    case PEOPLE_SHUT:
        return N_ ("(cannot be opened: it is not for this device's key, or it is damaged)");
    default:
        return NULL;
    }
}
