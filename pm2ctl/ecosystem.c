/*
 * Copyright (c) 2026 The pm2d contributors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * ecosystem: a sample of a process file, in the current directory.
 */
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "pm2ctl.h"

static const char	 sample[] =
"/*\n"
" * What is to run here:\n"
" *\n"
" *\tpm2ctl start\t\t\tstart all of it\n"
" *\tpm2ctl start --env production\twith env_production\n"
" *\tpm2ctl diff ecosystem.config.js\twhat has changed in this file\n"
" *\tpm2ctl apply ecosystem.config.js\tdo that, without an interruption\n"
" *\n"
" * All keys: man pm2ctl, or pm2ctl validate ecosystem.config.js\n"
" */\n"
"module.exports = {\n"
"  apps: [{\n"
"    name: 'api',\n"
"    script: './api.js',\n"
"    instances: 'max',\t\t// one for each cpu, behind one port\n"
"    exec_mode: 'cluster',\n"
"    max_memory_restart: '300M',\n"
"    env: {\n"
"      NODE_ENV: 'development',\n"
"    },\n"
"    env_production: {\n"
"      NODE_ENV: 'production',\n"
"    },\n"
"  }, {\n"
"    name: 'worker',\n"
"    script: './worker.js',\n"
"    depends_on: ['api'],\n"
"    watch: false,\n"
"    kill_timeout: '10s',\t// to finish what it does\n"
"  }],\n"
"};\n";

/* Only a file that was not there, whoever else is about to make it. */
static int
write_new(const char *path, const char *text)
{
	struct outbuf	 ob = { 0 };
	int		 bad, fd, saved;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0666);
	if (fd == -1)
		return (-1);
	ob_str(&ob, text);
	bad = ob_write(&ob, fd) == -1;
	saved = errno;
	bad |= close(fd) == -1;
	ob_free(&ob);
	if (!bad)
		return (0);
	(void)unlink(path);
	errno = saved;
	return (-1);
}

int
cmd_ecosystem(struct ctl *ctl, int argc, char **argv)
{
	const char	*path;

	(void)ctl;
	path = argc > 0 ? argv[0] : "ecosystem.config.js";
	if (argc > 1) {
		say_error("ecosystem writes one file");
		return (1);
	}
	if (write_new(path, sample) == -1) {
		if (errno == EEXIST)
			say_error("%s exists, and is left as it is", path);
		else
			say_error("%s: %s", path, strerror(errno));
		return (1);
	}
	say_info("%s written: edit it, then type \"pm2ctl start\"", path);
	return (0);
}
