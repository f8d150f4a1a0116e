-- A rule that forbids the name of a division in which a place does not lie (《地名管理条例》第九条第一款第（二）项) asks with every name
-- for the few thousand divisions of county level and above whose name begins with two characters of it. Without an index it read
-- every division of the country.

create index division_version_district on division_version (left(name, 2))
    where level in ('province', 'prefecture', 'county') and upper_inf(valid);
