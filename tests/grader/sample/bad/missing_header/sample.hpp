// bad: [not built] no_such_header.hpp: No such file

#pragma once

#include <no_such_header.hpp>
