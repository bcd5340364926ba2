/* Two security label providers for tests: any label but "forbidden" is taken. Loaded by shared_preload_libraries. */
#include "postgres.h"

#include <string.h>

#include "commands/seclabel.h"
#include "fmgr.h"

PG_MODULE_MAGIC;

extern void _PG_init(void);

static void
check(const ObjectAddress *object, const char *label)
{
	if (label != NULL && strcmp(label, "forbidden") == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("lockstep_test takes no label \"forbidden\"")));
}

void
_PG_init(void)
{
	register_label_provider("lockstep_test", check);
	register_label_provider("Other \"Provider\"", check);
}
