/* Linux: include/linux/ratelimit_types.h */
#pragma once
#include <abi/ratelimit.h> /* DEFAULT_RATELIMIT_* RATELIMIT_MSG_ON_RELEASE HZ CONFIG_HZ */
#include <linux/spinlock_types.h>

struct ratelimit_state {
	raw_spinlock_t lock;
	int interval;
	int burst;
	int printed;
	int missed;
	unsigned long begin;
	unsigned long flags;
};

#define DEFINE_RATELIMIT_STATE(name, its_interval, its_burst) \
	struct ratelimit_state name = {.interval = its_interval, .burst = its_burst}
int ___ratelimit(struct ratelimit_state *state, const char *function);
#define __ratelimit(state) ___ratelimit(state, __func__)
