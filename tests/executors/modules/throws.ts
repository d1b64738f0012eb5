throw new RangeError("no start today");
