// What nearly every test includes.
#pragma once

#include <doctest/doctest.h>

#include "precompiled.h"
