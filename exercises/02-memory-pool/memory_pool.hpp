#pragma once

// The whole memory pool under one name. The angle brackets matter: the three parts come from the
// folder under test, this file always from the exercise's.

#include <block_pool.hpp>
#include <pool_resource.hpp>
#include <vector_pool.hpp>
