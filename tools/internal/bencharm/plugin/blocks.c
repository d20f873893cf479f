/*
 * A plugin of qemu (API version 1) that counts how often each block of instructions runs. At
 * the end it writes a line a block to the file that the environment variable BLOCKS names:
 * address, number of instructions, number of times.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int, void *, uint64_t);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);

int qemu_plugin_version = 1;

struct block {
	uint64_t address, length, times;
	struct block *next;
};

static struct block *blocks;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = calloc(1, sizeof *b);

	if (!b)
		abort();
	b->address = qemu_plugin_tb_vaddr(tb);
	b->length = qemu_plugin_tb_n_insns(tb);
	b->next = blocks;
	blocks = b;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, 0 /* add */, &b->times, 1);
}

static void finished(qemu_plugin_id_t id, void *unused)
{
	const char *path = getenv("BLOCKS");
	FILE *f = path ? fopen(path, "w") : NULL;

	if (!f)
		return;
	for (struct block *b = blocks; b; b = b->next)
		if (b->times)
			fprintf(f, "%llx %llu %llu\n", (unsigned long long)b->address, (unsigned long long)b->length,
				(unsigned long long)b->times);
	fclose(f);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finished, NULL);
	return 0;
}
