/* Linux: include/linux/errno.h */
#pragma once
#include <abi/errno.h> /* E+ EPROBE_DEFER ERESTART_RESTARTBLOCK */
