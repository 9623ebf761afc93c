/*  talk_settings.c - /set and /unset: the config file from within the chat    */
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"

static void show_one (talk_t *talk, setting_t setting, bool about)
{
    const settings_t *settings = settings_file_settings (talk->options.settings);
    const char *value = settings_get (settings, talk->options.broker, setting, NULL);
    char *text = memory_format (
        "%s = \"%s\"%s%s%s", settings_name (setting), value ? value : settings_default (setting),
        value ? "" : _ (" (not set)"), about ? ": " : "", about ? settings_about (setting) : "");
    talk_notice (talk, text);
    free (text);
}

static void show_all (talk_t *talk)
{
    const char *path = settings_file_path (talk->options.settings);
    for (size_t i = 0; i < SETTING_COUNT; i++)
        show_one (talk, (setting_t)i, false);
    if (*path)
        talk_notice_because (talk, _ ("the config file is"), path);
}

/*  Change the file, and tell what holds now.                                  */
static void change (talk_t *talk, setting_t setting, const char *value)
{
    static const bool at_start[SETTING_COUNT] = {[SETTING_BROKER] = true,
                                                 [SETTING_NICK] = true,
                                                 [SETTING_AUTOJOIN] = true,
                                                 [SETTING_PLAIN] = true};
    char *why = NULL;
    if (settings_file_change (talk->options.settings, setting, value, &why) != ZCHAT_OK)
        talk_refuse (talk, OUTCOME_DATA, _ ("this was not set"), why);
    else {
        show_one (talk, setting, false);
        if (at_start[setting])
            talk_notice (talk, _ ("it holds from the next start on"));
        talk_emit (talk, &(talk_event_t){.kind = TALK_SETTING, .setting = setting});
    }
    free (why);
}

void talk_settings_command (talk_t *talk, const command_t *command)
{
    setting_t setting;
    if (command->name_size == 0) {
        show_all (talk);
        return;
    }
    if (!settings_find (command->name, command->name_size, &setting)) {
        talk_refuse (talk, OUTCOME_USAGE, _ ("there is no such setting; /set lists them"), NULL);
        return;
    }
    bool unset = strcmp (command->set, "unset") == 0;
    if (!unset && command->size == 0) {
        show_one (talk, setting, true);
        return;
    }
    if (!talk->options.settings) {
        talk_refuse (talk, OUTCOME_USAGE, _ ("there is no config file here"), NULL);
        return;
    }
    char *value = memory_string (command->text, command->size);
    change (talk, setting, unset ? NULL : value);
    free (value);
}
