// SPDX-License-Identifier: GPL-2.0
/*
 * What the log makes of levels, newlines, continuation and long lines. The test reads the same lines:
 *     K("...")                printk(that string)
 *     A("...", "...")         printk() with string arguments
 * CYCLE(count, character) prints one line of that many characters.
 */
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#define K(...) _printk(__VA_ARGS__)
#define A(...) _printk(__VA_ARGS__)

static char line[4096];

static void CYCLE(int count, char character)
{
	int i;

	for (i = 0; i < count; i++)
		line[i] = i % 10 ? character : '0' + i / 10 % 10;
	line[count] = 0;
}

static int __init printk_log_init(void)
{
	K("no level\n");
	K("\0010level 0\n");
	K("\0013level 3\n");
	K("\0017level 7\n");
	K("\0018no such level\n");
	K("\001dno such level\n");
	K("\001\n");
	K("\0014\0013two levels\n");
	K("\0013\0014\0015\0016four levels\n");
	K("\001c\0013continue with a level\n");
	K("\0013\001clevel, then continue\n");
	A("%s%s", "\0015", "level from an argument\n");
	A("%slevel from an argument: %s\n", "\0012", "text");
	A("%s", "\001");
	K("3 is text\n");
	K("\n");
	K("");
	K("after nothing\n");
	K("\0016\n");
	K("\0016");
	K("after a bare level\n");
	K("one\ntwo\nthree\n");
	K("\0013one\n\0014two\n");
	K("\0016leading\n\nempty line\n");
	K("\0016two newlines\n\n");
	K("\0016\n\nfirst two are empty\n");
	K("\0016tab\tand bell\a and escape \033[0m\n");
	K("\0016latin \351 and utf-8 \303\251 and \377\n");
	K("\0016open");
	K("\001c, continued");
	K("\001c, ended\n");
	K("\001cnothing to continue\n");
	K("\0016open");
	K("not continued, no level\n");
	K("\0016open");
	K("\0013not continued, other level\n");
	K("\0014open, twice");
	K("\0014open, twice");
	K("\001c ended\n");
	K("\0016ends with two lines\nopen");
	K("\001c second\nthird\n");
	K("\0016ended\n");
	K("\001cafter an end, default level\n");
	CYCLE(980, 'a'); A("\0016%s\n", line);
	CYCLE(988, 'b'); A("\0016%s\n", line);
	CYCLE(989, 'c'); A("\0016%s\n", line);
	CYCLE(990, 'd'); A("\0016%s\n", line);
	CYCLE(991, 'e'); A("\0016%s\n", line);
	CYCLE(992, 'f'); A("\0016%s\n", line);
	CYCLE(991, 'g'); A("%s\n", line);
	CYCLE(2000, 'h'); A("\0016%s\n", line);
	K("\001ctail of the long line\n");
	CYCLE(500, 'i'); A("\0016%s", line);
	CYCLE(480, 'j'); A("\001c%s", line);
	K("\001c, too long\n");
	CYCLE(500, 'k'); A("\0016%s", line);
	CYCLE(600, 'l'); A("\001c%s\n", line);
	A("\0016a\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n", "b", "c", "d", "e", "f", "g", "h", "i");
	CYCLE(100, '\n'); A("\0016%s\n", line);
	CYCLE(900, '\n'); A("\0016%s\n", line);
	K("\0016last, open");
	return 0;
}

static void __exit printk_log_exit(void)
{
	K("\0016exit\n");
}

module_init(printk_log_init);
module_exit(printk_log_exit);
MODULE_DESCRIPTION("What the kernel's log makes of levels, newlines and continuation");
MODULE_LICENSE("GPL");
