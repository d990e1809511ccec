#pragma once

// The whole exercise in one include; each header below is one idea and one or two of the steps.

#include <batch.hpp>          // batch
#include <cow_string.hpp>     // cow
#include <csv_reader.hpp>     // parse, speed
#include <mapped_file.hpp>    // parse
#include <processor.hpp>      // batch
#include <records.hpp>        // parse
#include <shared_bytes.hpp>   // slices
#include <stable_store.hpp>   // store
#include <view_registry.hpp>  // slices
