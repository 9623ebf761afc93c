/*  trusted.h - whether a file or folder is in the hands of those who may be believed

    Who can write a file that is believed decides what is in it, whatever its mode says to others.
   So it must belong to the user that reads it, or to root, and be writable for nobody else. Root
   reads for others: where it does, what belongs to the owner of the folder is his.  */
#ifndef ZCHAT_TRUSTED_H
#define ZCHAT_TRUSTED_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*  Who may own what is believed, besides root.                                */
typedef struct {
    uid_t self;  /* who reads                                                        */
    uid_t owner; /* where that is root: the owner of the folder; else self           */
} trusted_by_t;

/*  True where info is of something that only root and they can change. Else *why, a sentence with
    path, the mode or the owner, and the remedy, which the caller frees. Pure. Devices, pipes and
    sockets are not looked at: what comes out of them is no file's content.    */
bool trusted_stat (const char *path, const struct stat *info, trusted_by_t by, char **why);

/*  Those who are believed about files in the folder: of this process.         */
trusted_by_t trusted_by (const char *folder);

/*  Likewise about the file at path; its folder counts.                        */
trusted_by_t trusted_by_file (const char *path);

/*  trusted_stat of the folder itself, which root may have given it by anybody. False and *why;
    what is not there is trusted.                                              */
bool trusted_folder (const char *folder, char **why);

#endif
