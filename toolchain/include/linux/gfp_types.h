/* Linux: include/linux/gfp_types.h */
#pragma once
#include <abi/gfp.h> /* U: GFP_* __GFP_* ___GFP_* */
#include <linux/types.h>
