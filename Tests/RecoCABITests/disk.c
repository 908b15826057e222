/* Saving where it cannot be done: an error, the previous model as it was, and no half file left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shop.h"

static reco_error error;

static int32_t save(reco_trainer *trainer, const char *path) {
    return reco_trainer_save(trainer, path, strlen(path), &error);
}

static int answers(const char *path) {
    reco_model *model = NULL;
    if (shop_open(path, &model) != RECO_OK) return 0;
    int good = reco_model_verify(model, &error) == RECO_OK;
    return reco_model_close(model) == RECO_OK && good;
}

static int files_in(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    NEED(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void a_folder_that_is_none_is_refused(void) {
    reco_trainer *trainer = shop_trainer("popularity");
    CHECK(save(trainer, "no such folder/shop.reco") == RECO_ERROR_SYSTEM);
    CHECK(error.system_error == ENOENT && strstr(error.message, "no such folder/shop.reco") != NULL);
    CHECK(save(trainer, "shop/shop.reco/shop.reco") == RECO_ERROR_SYSTEM);
    CHECK(save(trainer, "shop") == RECO_ERROR_SYSTEM);
    NEED(mkfifo("pipe", 0600) == 0);
    CHECK(save(trainer, "pipe") == RECO_ERROR_SYSTEM); /* a rename would replace it, as root even a device */
    NEED(unlink("pipe") == 0);
    CHECK(reco_trainer_save(trainer, NULL, 4, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_save(trainer, "", 0, &error) == RECO_ERROR_ARGUMENT);
    CHECK(reco_trainer_save(trainer, "a\0b", 3, &error) == RECO_ERROR_ARGUMENT);
    CHECK(files_in("shop") == 1 && answers("shop/shop.reco"));
    CHECK(save(trainer, "shop/shop.reco") == RECO_OK); /* after all those failures */
    CHECK(reco_trainer_free(trainer) == RECO_OK);
}

/* In a child, because limits and users cannot be taken back. */
static void in_child(int (*body)(void)) {
    fflush(NULL);
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        alarm(60);
        _exit(body());
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) printf("  the child ended with %d\n", WEXITSTATUS(status));
}

static int save_with_little_room(void) {
    reco_trainer *trainer = shop_trainer("popularity");
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t limit = 0; limit < 4096; limit += limit < 200 ? 8 : 500) {
        struct rlimit room = {limit, RLIM_INFINITY};
        if (setrlimit(RLIMIT_FSIZE, &room) != 0) return 1;
        if (save(trainer, "shop/shop.reco") != RECO_ERROR_SYSTEM || error.system_error != EFBIG) return 2;
        if (files_in("shop") != 1) return 3;
        if (!answers("shop/shop.reco")) return 4;
    }
    return 0;
}

static void a_full_disk_leaves_the_old_model(void) {
    struct stat before, after;
    NEED(stat("shop/shop.reco", &before) == 0 && before.st_size > 4096);
    in_child(save_with_little_room);
    NEED(stat("shop/shop.reco", &after) == 0);
    CHECK(before.st_ino == after.st_ino && before.st_size == after.st_size);
}

static int save_without_permission(void) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 1;
    reco_trainer *trainer = shop_trainer("popularity");
    if (save(trainer, "shop/shop.reco") != RECO_ERROR_SYSTEM || error.system_error != EACCES) return 2;
    if (!answers("shop/shop.reco")) return 3;
    reco_model *model = NULL;
    if (shop_open("secret.reco", &model) != RECO_ERROR_SYSTEM) return 4;
    return 0;
}

static void a_read_only_folder_leaves_the_old_model(void) {
    shop_save("secret.reco", "popularity");
    CHECK(chmod("secret.reco", 0) == 0);
    CHECK(chmod(".", 0755) == 0);
    CHECK(chmod("shop", 0555) == 0);
    in_child(save_without_permission);
    CHECK(chmod("shop", 0755) == 0);
    CHECK(files_in("shop") == 1);
}

static void a_saved_model_can_be_read_by_the_web_server(void) {
    struct stat status;
    umask(022);
    shop_save("shop/shop.reco", "popularity");
    CHECK(stat("shop/shop.reco", &status) == 0 && (status.st_mode & 0777) == 0644);
    umask(077);
    shop_save("shop/shop.reco", "popularity");
    CHECK(stat("shop/shop.reco", &status) == 0 && (status.st_mode & 0777) == 0644); /* that of the one before */
    umask(022);
    CHECK(files_in("shop") == 1);
}

int main(void) {
    NEED(mkdir("shop", 0755) == 0 || errno == EEXIST);
    shop_save("shop/shop.reco", "popularity");
    RUN(a_folder_that_is_none_is_refused);
    RUN(a_full_disk_leaves_the_old_model);
    RUN(a_read_only_folder_leaves_the_old_model);
    RUN(a_saved_model_can_be_read_by_the_web_server);
    return finish("disk");
}
