select c.country, c.revenue, t.target, c.revenue - t.target as gap
from {{ source('stage', 'revenue_clean') }} c
left join {{ source('manual', 'targets') }} t on t.country = c.country
