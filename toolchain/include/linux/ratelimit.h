/* Linux: include/linux/ratelimit.h */
#pragma once
#include <linux/ratelimit_types.h>
#include <linux/sched.h>

static inline void ratelimit_state_init(struct ratelimit_state *state, int interval, int burst)
{
	*state = (struct ratelimit_state){.interval = interval, .burst = burst};
}
