import { filler, pcap } from '../../support/pcap-writer.ts';

/** A capture of 240,984 bytes: more than one block for every compression. */
export const CONTENT = pcap(Array.from({ length: 60 }, (_, index) => ({ time: BigInt(index) * 1_000_000n, data: filler(4000, index) })));

/* CONTENT as the tools zstd 1.5, lz4 1.9 and xz 5.4 compressed it. */

/** `zstd -19` */
export const ZSTD = bytes(
    'KLUv/aRYrQMABBAAZBXUw7KhAgAEAAQAAQCgDwAHDhUcIyoxOD9GTVRbYmlwd36FjJOaoaivtr3Ey9LZ4Ofu9fwDChEYHyYtNDtCSVBXXmVsc3qBiI+WnaSrsrnAx87V3O'
  + 'Pq8fj/Bg0UGyIpMDc+RUxTWmFob3Z9hIuSmaCnrrW8w8rR2N/m7fT7AgkQFx4lLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi6fD3/gUMExohKC82PURLUllgZ251fIOK'
  + 'kZifpq20u8LJ0Nfe5ezz+gEIDxYdJCsyOUBHTlVcY2pxeH+GjZSboqmwt77FzNPa4ejv9v0ECxIZICcuNTxDSlFYX2ZtdHuCiZCXnqWss7rByM/W3eTr8vkA6APQB7gLoA'
  + '+IE3AXWBtAHygjECf4KuAuyDKwNpg6gD5oQlBGOEogTghS8FXYWcBdqGFgkGV/eGmeYG29SHHcMHX7GHkaAH18qJEWD9P+d1HxrWUzIggFCAFCQCn8/5uFvx/VwVpz/iA5'
  + 'ziskx3lDpDgvgATnFZJx3jBJ4HkZxLwICd1ZQoDuohhEdyUAoruEzNEdM4HorhwAugvICLojUQDdhQNEd4mBoDtADqC7GQToLjBQdIdMALoLxQDdFSGC7oAJRHflANBdQE'
  + 'bQHYkC6C4cILpLDATdAZLOwA+6K17N7MXhZATo9EB7eNo/YdXlBQAUBeiAWNCEd7iIlqCMtYiQ1HCU81iYEkCcMSigUBCkb/injuCrrcivzLCz65i3CoC7KWi/SFDDZzjH'
  + 'hiDLpQjPxPDS49jWAsDaIajeQJDiX3jmflKo0NYDYB8SgBXcKvz//zd+nA8k5wdzzt90nE8iOM/BOL/COF8FcV4DcJ4O4HwdwHkMjvMkwHl6iPM1AOdpCM4rAc7jYJzPAZ'
  + 'ynwzivADhPB3C+DuA8Bsd5EuA8PcT5GgTnqQi8OOIRAq00M8A=',
);

/** `lz4 -9 -B4 -BD`: linked blocks of 64 KiB, a content checksum. */
export const LZ4_LINKED = bytes(
    'BCJNGERAXgQDAACG1MOyoQIABAABADcEAAEOACKgDwQA//EABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8AwoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7'
  + 'K5wMfO1dzj6vH4/wYNFBsiKTA3PkVMU1phaG92fYSLkpmgp661vMPK0djf5u30+wIJEBceJSwzOkFIT1ZdZGtyeYCHjpWco6qxuL/GzdTb4unw9/4FDBMaISgvNj1ES1JZ'
  + 'YGdudXyDipGYn6attLvCydDX3uXs8/oBCA8WHSQrMjlAR05VXGNqcXh/ho2Um6KpsLe+xczT2uHo7/b9BAsSGSAnLjU8Q0pRWF9mbXR7gomQl56lrLO6wcjP1t3k6/L5AA'
  + 'H//////////////////5sArA8m6AOwDw+HD////////////////////3MPAAEWALAPJtAHsA8Phw////////////////////9zDwABFgCwDya4C7APD4cP////////////'
  + '////////cw8AARYIvD4ABAAPhw////////////////////9zDwABFgCwDyaIE7APD4cP////////////////////cw8AARYAsA8mcBewDw6HDw8qXv////////////////'
  + '///4oAsA8mWBuwDw6xbQ8qXv///////////////////4oAsA8mQB+wDw6xbQ8qXv///////////////////4oAsA8mKCOwDw6xbQ8qXv///////////////////4oAsA8m'
  + 'ECewDw6xbQ8qXv///////////////////4oAsA8m+CqwDw6xbQ8qXv///////////////////4oAsA8m4C6wDw6xbQ8qXv///////////////////4oAsA8myDKwDw7byw'
  + '8qXv///////////////////4oAsA8msDawDw7byw8qXv///////////////////4oAsA8mmDqwDw7byw8qXv///////////////////4oAsA8mgD6wDw+HBf/////EULW8'
  + 'w8rR7AEAAA8AAf////////////+/ALAPJmhCsA8O28sPKl7///////////////////+KALAPJlBGsA8O28sPKl7///////////////////+KALAPJjhKsA8O28sPKl7///'
  + '////////////////+KALAPJiBOsA8O28sPKl7///////////////////+KALAPJghSsA8O28sPKl7///////////////////+KALAPJvBVsA8P28sBD1S8////////////'
  + '////////iACwDybYWbAPDtvLDype////////////////////igCwDybAXbAPDtvLDype////////////////////igCwDyaoYbAPDtvLDype////////////////////ig'
  + 'CwDyaQZbAPDtvLDype////////////////////igCwDyZ4abAPDtvLDype////////////////////igCwDyZgbbAPDtvLDype////////////////////igCwDyZIcbAP'
  + 'DtvLDype////////////////////igCwDyYwdbAPDtvLDype////////////////////igCwDyYYebAPDtvLDype////////////////////igCwDyYAfbAPD4cK//////'
  + '//////yVClrLO6wewBAAAPAAH//////7oArw8m6ICwDw7byw8qXv///////////////////4oAsA8m0ISwDw7byw8qXv///////////////////4oAsA8muIiwDw7byw8q'
  + 'Xv///////////////////4oAsA8moIywDw7byw8qXv///////////////////4oAsA8miJCwDw7byw8qXv///////////////////4oAsA8mcJSwDw/bywEPVLz///////'
  + '////////////+IALAPJliYsA8O28sPKl7///////////////////+KALAPJkCcsA8O28sPKl7///////////////////+KALAPJiigsA8O28sPKl7/////////////////'
  + '//+KALAPJhCksA8O28sPKl7///////////////////+KALAPJvinsA8O28sPKl7///////////////////+KALAPJuCrsA8O28sPKl7///////////////////+KALAPJs'
  + 'ivsA8O28sPKl7///////////////////+KALAPJrCzsA8O28sPKl7///////////////////+KALAPJpi3sA8O28sPKl7///////////////////+KALAPJoC7sA8Phw//'
  + '/////////////////85QlZyjqrFVAQAADwABtQCwDyZov7APDtvLDype////////////////////igCwDyZQw7APDtvLDype////////////////////igCwDyY4x7APDt'
  + 'vLDype////////////////////igCwDyYgy7APDtvLDype////////////////////igCwDyYIz7APDtvLDype////////////////////igCwDybw0rAPD9vLAQ9UvP//'
  + '/////////////////4gAsA8m2NawDw7byw8qXv///////////////////4oAsA8mwNqwDw7byw8qXv///////////////////4oAsA8mqN6wDw7byw8qXv////////////'
  + '///////4oAsA8mkOKwDw7byw8qXv///////////////////4oAsA8meOawDw7byw8qXv///////////////////4VQYmlwd34AAAAAuTqruA==',
);

/** `lz4 -9 -B5 -BX --content-size`: independent blocks of 256 KiB with checksums. */
export const LZ4_CHECKED = bytes(
    'BCJNGHxQWK0DAAAAAAByHAgAAIbUw7KhAgAEAAEANwQAAQ4AIqAPBAD/8QAHDhUcIyoxOD9GTVRbYmlwd36FjJOaoaivtr3Ey9LZ4Ofu9fwDChEYHyYtNDtCSVBXXmVsc3'
  + 'qBiI+WnaSrsrnAx87V3OPq8fj/Bg0UGyIpMDc+RUxTWmFob3Z9hIuSmaCnrrW8w8rR2N/m7fT7AgkQFx4lLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi6fD3/gUMExoh'
  + 'KC82PURLUllgZ251fIOKkZifpq20u8LJ0Nfe5ezz+gEIDxYdJCsyOUBHTlVcY2pxeH+GjZSboqmwt77FzNPa4ejv9v0ECxIZICcuNTxDSlFYX2ZtdHuCiZCXnqWss7rByM'
  + '/W3eTr8vkAAf//////////////////mwCsDyboA7APD4cP////////////////////cw8AARYAsA8m0AewDw+HD////////////////////3MPAAEWALAPJrgLsA8Phw//'
  + '//////////////////9zDwABFgi8PgAEAA+HD////////////////////3MPAAEWALAPJogTsA8Phw////////////////////9zDwABFgCwDyZwF7APDocPDype//////'
  + '//////////////igCwDyZYG7APDrFtDype////////////////////igCwDyZAH7APDrFtDype////////////////////igCwDyYoI7APDrFtDype////////////////'
  + '////igCwDyYQJ7APDrFtDype////////////////////igCwDyb4KrAPDrFtDype////////////////////igCwDybgLrAPDrFtDype////////////////////igCwDy'
  + 'bIMrAPDtvLDype////////////////////igCwDyawNrAPDtvLDype////////////////////igCwDyaYOrAPDtvLDype////////////////////igCwDyaAPrAPDtvL'
  + 'Dype////////////////////igCwDyZoQrAPDtvLDype////////////////////igCwDyZQRrAPDtvLDype////////////////////igCwDyY4SrAPDtvLDype//////'
  + '//////////////igCwDyYgTrAPDtvLDype////////////////////igCwDyYIUrAPDtvLDype////////////////////igCwDybwVbAPDtvLDype////////////////'
  + '////igCwDybYWbAPDtvLDype////////////////////igCwDybAXbAPDtvLDype////////////////////igCwDyaoYbAPDtvLDype////////////////////igCwDy'
  + 'aQZbAPDtvLDype////////////////////igCwDyZ4abAPDtvLDype////////////////////igCwDyZgbbAPDtvLDype////////////////////igCwDyZIcbAPDtvL'
  + 'Dype////////////////////igCwDyYwdbAPDtvLDype////////////////////igCwDyYYebAPDtvLDype////////////////////igCwDyYAfbAPDtvLDype//////'
  + '//////////////igCvDybogLAPDtvLDype////////////////////igCwDybQhLAPDtvLDype////////////////////igCwDya4iLAPDtvLDype////////////////'
  + '////igCwDyagjLAPDtvLDype////////////////////igCwDyaIkLAPDtvLDype////////////////////igCwDyZwlLAPDtvLDype////////////////////igCwDy'
  + 'ZYmLAPDtvLDype////////////////////igCwDyZAnLAPDtvLDype////////////////////igCwDyYooLAPDtvLDype////////////////////igCwDyYQpLAPDtvL'
  + 'Dype////////////////////igCwDyb4p7APDtvLDype////////////////////igCwDybgq7APDtvLDype////////////////////igCwDybIr7APDtvLDype//////'
  + '//////////////igCwDyaws7APDtvLDype////////////////////igCwDyaYt7APDtvLDype////////////////////igCwDyaAu7APDtvLDype////////////////'
  + '////igCwDyZov7APDtvLDype////////////////////igCwDyZQw7APDtvLDype////////////////////igCwDyY4x7APDtvLDype////////////////////igCwDy'
  + 'Ygy7APDtvLDype////////////////////igCwDyYIz7APDtvLDype////////////////////igCwDybw0rAPDtvLDype////////////////////igCwDybY1rAPDtvL'
  + 'Dype////////////////////igCwDybA2rAPDtvLDype////////////////////igCwDyao3rAPDtvLDype////////////////////igCwDyaQ4rAPDtvLDype//////'
  + '//////////////igCwDyZ45rAPDtvLDype////////////////////hVBiaXB3fg/DEjQAAAAAuTqruA==',
);

/** `xz -9e` */
export const XZ = bytes(
    '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM461XAwFdAGow0ch9i/gJm68fzHj8SbeZUDeNw/pvGp6ekIglhAFvVgMM0R27IgYNj59icqnFoCYqSDS1N7EH//JJ9nfxAb8KZa'
  + 'cRESsG23GYC2eJcHFvDcotJKk64mkHoiYZVgaYDdxPNt6tSmomNCW53PfwiLIogwTP4+FfeR/3/ytCsOZm1nFCCa6YnKOyprhVTEtfTSWPACOJfXKtzgFV3t3M/JfUw4bb'
  + 'ittBri2ga296rBI+ezvllyam/o3NhSYwCdQOLrql50Tg1t1JQXW2O/7TYoDSNCWI0gQVzq7u8jAPbbx7I9rv6FeGhiPZPdCk6U8NP/dbn3x9nSaH/P12xHiciQQWjFgXyQ'
  + 'P13BtGU4NQT6m/fxd+5tnsm1Umti4NKCbIHKEOGcOesXXePhl7yxGou7ON8nFA83N74PupYDk7xnNl65Pl2dSJyumsZ3jGAIjQuTm63ssDxbyvm+IvWWMaM+NzcPlwGiPW'
  + 'SGVZwCyJBPA9TLK7nN9xM/z5FKVSBiOrRqDJdfzXuccsUl+T3rL1G25LjeZBPzp81O5thmnIOFWJOq6L8Rbn7Rr8kxrxmZV7Sp8DSqLs++TtVcenxQCkYLFAm1fVT4Xyy9'
  + 'BTQR0S41zBhlZbh0saSYMtBxVt+D26jh5TJ0a8KN9NF23sGo+KB2ITf2Nw0oW6nJcI6rpTcaO51scDu3cv2b7dBwUbRwAAHi37SGNDGtH34GW16sThcu0DmQioZvBHDb6j'
  + 'znwdpc+reTTpkCuksggK5D1FoTmWN3V8kbDUIINE0CVh0jc8dXJZkJ+TmORE98t/fnjwefz3lzOgFsbaxDfqbz6iORtYvyasYWGVRrod/KtPTiusfigEGJxdlexRDLnCDu'
  + 'IaF0Y5tzPEpPQpqHbRl7d1DMzsDlnLDk5XrA1EZWmwHflQ4Z4t6scwCNswKV7t+kcBUJKVcW22N9EwJXOf3f0NWTNyC4Nc1N358cJ9IC4yzhqX4jJ7LzV50xAiK4Qr2tMp'
  + '4g6OAG1u0iPyy+pKmUGxXeN/ZdwAAAAATRMVgSJP1CIAAZ0G2NoOAP4okBCxxGf7AgAAAAAEWVo=',
);

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}
