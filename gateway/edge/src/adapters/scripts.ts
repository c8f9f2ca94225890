/**
 * What must happen in Redis in one piece. Each script first asks which life of Redis this is: a grant that was sealed in
 * another one is void, so no crash and no restored copy brings a spent one back. Then it compares the epochs with what the
 * grant was sealed with; any bump since voids it. Their names come as arguments: a key of EVAL needs the right to write,
 * and the edge may only read epochs.
 */
const IS_STILL_GOOD = `
local function isGood(boot, asset, assetEpoch, license, licenseEpoch)
  return string.find(redis.call('INFO', 'server'), 'run_id:' .. boot .. '\\r\\n', 1, true)
    and (redis.call('GET', asset) or '0') == assetEpoch
    and (redis.call('GET', license) or '0') == licenseEpoch
end
if not isGood(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]) then return 0 end
`;

/** KEYS: grant, lease, redemptions. ARGV: boot, two epochs by name and value, sealed grant, lease's ms, budget, grant id, entry. */
export const SPEND = `${IS_STILL_GOOD}
if redis.call('GETDEL', KEYS[1]) ~= ARGV[6] then return 0 end
redis.call('HSET', KEYS[2], 'grant', ARGV[9], 'sealed', ARGV[6], 'left', ARGV[8])
redis.call('PEXPIRE', KEYS[2], ARGV[7])
redis.call('XADD', KEYS[3], '*', unpack(ARGV, 10))
return 1
`;

/** KEYS: lease. ARGV: boot, two epochs by name and value, bytes. */
export const RESERVE = `${IS_STILL_GOOD}
local left = tonumber(redis.call('HGET', KEYS[1], 'left'))
local bytes = tonumber(ARGV[6])
if not left or left < bytes then return 0 end
if bytes > 0 then redis.call('HINCRBY', KEYS[1], 'left', -bytes) end
return 1
`;

/** KEYS: lease. ARGV: bytes, budget. A lease that has ended is not brought back, and none grows beyond its budget. */
export const GIVE_BACK = `
local left = tonumber(redis.call('HGET', KEYS[1], 'left'))
if left then redis.call('HSET', KEYS[1], 'left', string.format('%.0f', math.min(left + tonumber(ARGV[1]), tonumber(ARGV[2])))) end
return 0
`;
