/// How a report looks: by itself, light or dark as the reader's system is, on a phone as on paper.
enum ReportStyle {
    static let css = """
        :root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#16202c;--muted:#5b6675;--rule:#dfe4ea;--track:#eceff3;\
        --s0:#7b8794;--s1:#2563eb;--s2:#d97706;--s3:#0f9d6c;--s4:#9333ea;--s5:#dc2626;--good:#0b7d55}
        @media (prefers-color-scheme:dark){:root{--paper:#0f141a;--card:#18202a;--ink:#e8edf3;--muted:#9aa7b6;--rule:#2b3643;\
        --track:#253040;--s0:#94a3b3;--s1:#6aa5ff;--s2:#f5b145;--s3:#3ecf9a;--s4:#c28bff;--s5:#ff7d7d;--good:#3ecf9a}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Noto Sans","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
        main{max-width:1000px;margin:0 auto;padding:32px 20px 48px}
        h1{font-size:1.1rem;font-weight:600;color:var(--muted);margin:0 0 12px}
        h2{font-size:1.35rem;line-height:1.25;margin:44px 0 6px}
        h3{font-size:1rem;margin:0 0 8px}
        p{margin:0 0 12px;max-width:44rem}
        .hero{font-size:clamp(1.6rem,4.6vw,2.5rem);line-height:1.2;font-weight:700;margin:0 0 14px;max-width:none}
        .hero b{color:var(--s1)}
        .hero span{white-space:nowrap}
        .lead{font-size:1.05rem;color:var(--muted)}
        .muted,.unit{color:var(--muted)}
        .grid{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));margin:16px 0}
        .stack{display:grid;gap:16px;align-content:start;min-width:0}
        .facts{display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(135px,1fr));margin:18px 0}
        .fact,.card{background:var(--card);border:1px solid var(--rule);border-radius:12px;padding:16px}
        .fact b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
        .fact span{color:var(--muted);font-size:.9rem}
        .card{min-width:0;margin:0}
        .card p{font-size:.95rem}
        svg{display:block;width:100%;height:auto;font-size:11.5px;overflow:visible}
        svg text{fill:var(--ink);stroke:var(--card);stroke-width:3px;stroke-linejoin:round;paint-order:stroke}
        svg .small{font-size:10.5px;fill:var(--muted)}
        svg .strong{font-weight:600}
        svg .track{fill:var(--track)}
        svg .grid{stroke:var(--rule);stroke-width:1}
        svg .axis{stroke:var(--muted);stroke-width:1}
        .s0{fill:var(--s0);stroke:var(--s0)}.s1{fill:var(--s1);stroke:var(--s1)}.s2{fill:var(--s2);stroke:var(--s2)}
        .s3{fill:var(--s3);stroke:var(--s3)}.s4{fill:var(--s4);stroke:var(--s4)}.s5{fill:var(--s5);stroke:var(--s5)}.s6{fill:var(--ink)}
        rect{stroke:none!important}
        svg .whisker{stroke-width:3;stroke-linecap:round;opacity:.45}
        svg .curve{fill:none;stroke:var(--s1);stroke-width:2;stroke-linejoin:round}
        .key{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin:0 .35em 0 0}
        .k0{background:var(--s0)}.k1{background:var(--s1)}.k2{background:var(--s2)}.k3{background:var(--s3)}\
        .k4{background:var(--s4)}.k5{background:var(--s5)}.k6{background:var(--ink)}
        .legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.9rem;color:var(--muted);margin:0 0 10px}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.95rem;font-variant-numeric:tabular-nums}
        th,td{padding:8px 10px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
        th:first-child,td:first-child{text-align:left;padding-left:0}
        th{font-weight:600;color:var(--muted);font-size:.85rem}
        td small{display:block;color:var(--muted);font-size:.78rem}
        tr:last-child td{border-bottom:0}
        dl{margin:14px 0 0;font-size:.88rem;color:var(--muted);max-width:52rem}
        dl div{margin:0 0 5px}
        dt{display:inline;font-weight:600;color:var(--ink)}
        dt:after{content:": ";white-space:pre}
        dd{display:inline;margin:0}
        cite{font-style:normal;opacity:.85}
        ol,ul{margin:0;padding:0 0 0 1.4em}
        li{margin:0 0 7px;font-size:.95rem;line-height:1.35;overflow-wrap:anywhere}
        li small{display:block;color:var(--muted);font-size:.83rem}
        .past{list-style:none;padding:0;color:var(--muted);margin:0 0 14px}
        .past li{font-size:.88rem;margin:0 0 3px}
        .nowrap{white-space:nowrap}
        .card svg+h3{margin-top:22px}
        .chosen{color:var(--good);font-weight:600;font-size:.85rem;white-space:nowrap}
        code,pre{font:.84rem/1.5 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
        pre{white-space:pre-wrap;background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:12px 14px;margin:8px 0 14px}
        details{margin:0 0 8px}
        .caption{font-size:.83rem;color:var(--muted);margin:6px 0 0}
        summary{cursor:pointer;font-weight:600}
        footer{margin:48px 0 0;border-top:1px solid var(--rule);padding:8px 0 0;font-size:.92rem}
        @media (max-width:480px){main{padding:20px 12px 32px}.card,.fact{padding:13px}h2{margin-top:34px}
        .facts{grid-template-columns:1fr 1fr}.fact b{font-size:1.25rem}
        thead{display:none}tr{display:grid;grid-template-columns:1fr 1fr 1fr;gap:8px 10px;padding:10px 0;border-bottom:1px solid var(--rule)}
        tr:last-child{border-bottom:0}td{border:0;padding:0;text-align:left}td:first-child{grid-column:1/-1;font-weight:600}
        td[data-name]:before{content:attr(data-name);display:block;color:var(--muted);font-size:.78rem}}
        @media print{:root{--paper:#fff;--card:#fff;--ink:#000;--muted:#444;--rule:#ccc;--track:#eee;--s0:#777;--s1:#1d4ed8;\
        --s2:#b45309;--s3:#047857;--s4:#7e22ce;--s5:#b91c1c}html{font-size:9.5pt}body{font-size:1rem}main{max-width:none;padding:0 1px}
        p,.card,.fact,table,svg,dl div{break-inside:avoid}h2,h3,h2+p,.legend{break-after:avoid}h2{margin-top:26px}
        .wide{overflow:visible}th,td{padding:5px 6px}*{print-color-adjust:exact}}
        @page{margin:14mm}
        """
}
