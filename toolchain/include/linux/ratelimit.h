/* Linux: include/linux/ratelimit.h */
#pragma once
#include <linux/ratelimit_types.h>
#include <linux/sched.h>

#define RATELIMIT_STATE_INIT(name, its_interval, its_burst) {.interval = its_interval, .burst = its_burst}

static inline void ratelimit_set_flags(struct ratelimit_state *state, unsigned long flags)
{
	state->flags = flags;
}

static inline void ratelimit_state_exit(struct ratelimit_state *state)
{
	if (!(state->flags & RATELIMIT_MSG_ON_RELEASE) || !state->missed)
		return;
	pr_warn("%s: %d output lines suppressed due to ratelimiting\n", current->comm, state->missed);
	state->missed = 0;
}

static inline void ratelimit_state_init(struct ratelimit_state *state, int interval, int burst)
{
	*state = (struct ratelimit_state){.interval = interval, .burst = burst};
}
